"""The commands of `pastoral`, one file a group: parse, call one function, print."""

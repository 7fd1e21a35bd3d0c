"""The rule language and the rulebooks. Knows nothing of panel/."""

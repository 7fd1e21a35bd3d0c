"""What happens at a panel, told in the commands that its clerk types: one file for each story, on the panel of running.py."""

"""One case through its time: told, directed, come back."""

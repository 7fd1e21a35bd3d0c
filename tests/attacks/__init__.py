"""Everything that somebody with the file, this program and time might do to a ledger, and what then shows it."""

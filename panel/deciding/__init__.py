"""One decision: what is frozen when a meeting opens, what the rules say of everybody, what is proposed."""

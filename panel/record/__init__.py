"""The record as bytes: the chain and its proofs, keys, what is sealed, and the databases that keep a ledger."""

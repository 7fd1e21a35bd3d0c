"""The facts that a rule may name, worked out from what is so."""

"""What could follow what: asked before a step is recorded, and again of every entry of a record."""

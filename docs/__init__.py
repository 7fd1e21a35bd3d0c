"""The documentation, and the small programs that write what must not be typed twice."""

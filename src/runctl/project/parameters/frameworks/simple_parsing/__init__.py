"""simple-parsing."""

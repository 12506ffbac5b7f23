"""python-fire."""

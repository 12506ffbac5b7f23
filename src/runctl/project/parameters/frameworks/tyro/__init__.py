"""tyro."""

"""Measures runctl beside its peers: `python -m bench`, from the repository's root."""

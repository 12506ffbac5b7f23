"""Follows a script's syntax as Python would follow its code."""

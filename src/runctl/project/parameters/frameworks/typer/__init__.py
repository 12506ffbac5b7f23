"""typer, which is built on click."""

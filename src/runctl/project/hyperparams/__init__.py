"""Hyperparameters as users write them: on the command line, in files, and from Python."""

from runctl.project.hyperparams.written import Given, given_values, list_items, passable, read_hyperparams

__all__ = ["Given", "given_values", "list_items", "passable", "read_hyperparams"]

"""Gives a script the hyperparameters that its user means, in its own words."""

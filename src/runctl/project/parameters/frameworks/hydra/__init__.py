"""Hydra and OmegaConf."""

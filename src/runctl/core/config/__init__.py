"""Settings and where each came from: flags > RUNCTL_* > project's .runctl.toml > user's file > defaults."""

from runctl.core.config.loading import check, load
from runctl.core.config.table import Config

__all__ = ["Config", "check", "load"]

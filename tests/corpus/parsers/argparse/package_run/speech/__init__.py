"""Speech recognition."""

from .cli import main
from .models import MODELS as models

__version__ = "2.1"

from .base import Base
from .conformer import Conformer

MODELS = {model.__name__.lower(): model for model in (Base, Conformer)}

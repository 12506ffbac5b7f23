from .defaults import default_argument_parser
from .launch import launch

__all__ = [k for k in globals().keys() if not k.startswith("_")]

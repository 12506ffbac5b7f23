from .arguments import *
from .defaults import *

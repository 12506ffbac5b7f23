from .global_vars import get_args
from .initialize import initialize_megatron

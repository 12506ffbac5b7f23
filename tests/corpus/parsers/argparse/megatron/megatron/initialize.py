"""Megatron initialization."""

import random

from megatron.arguments import parse_args, validate_args
from megatron.global_vars import set_args


def initialize_megatron(extra_args_provider=None, args_defaults={}, ignore_unknown_args=False):
    # Parse arguments
    args = parse_args(extra_args_provider, ignore_unknown_args)
    validate_args(args, args_defaults)
    set_args(args)
    random.seed(args.seed)

"""Megatron arguments."""

import argparse
import os

from .autoresume import add_autoresume_args as _add_autoresume_args
from .biencoder import add_biencoder_args as _add_biencoder_args
from .checkpointing import add_checkpointing_args as _add_checkpointing_args
from .data import add_data_args as _add_data_args
from .distributed import add_distributed_args as _add_distributed_args
from .experimental import add_experimental_args as _add_experimental_args
from .inference import add_inference_args as _add_inference_args
from .initialization import add_initialization_args as _add_initialization_args
from .learning_rate import add_learning_rate_args as _add_learning_rate_args
from .logging import add_logging_args as _add_logging_args
from .mixed_precision import add_mixed_precision_args as _add_mixed_precision_args
from .moe import add_moe_args as _add_moe_args
from .network_size import add_network_size_args as _add_network_size_args
from .one_logger import add_one_logger_args as _add_one_logger_args
from .regularization import add_regularization_args as _add_regularization_args
from .retro import add_retro_args as _add_retro_args
from .training import add_training_args as _add_training_args
from .transformer_engine import add_transformer_engine_args as _add_transformer_engine_args
from .validation import add_validation_args as _add_validation_args
from .vision import add_vision_args as _add_vision_args


def parse_args(extra_args_provider=None, ignore_unknown_args=False):
    """Parse all arguments."""
    parser = argparse.ArgumentParser(description="Megatron-LM Arguments", allow_abbrev=False)

    # Standard arguments.
    parser = _add_network_size_args(parser)
    parser = _add_logging_args(parser)
    parser = _add_regularization_args(parser)
    parser = _add_training_args(parser)
    parser = _add_initialization_args(parser)
    parser = _add_learning_rate_args(parser)
    parser = _add_checkpointing_args(parser)
    parser = _add_mixed_precision_args(parser)
    parser = _add_distributed_args(parser)
    parser = _add_validation_args(parser)
    parser = _add_data_args(parser)
    parser = _add_autoresume_args(parser)
    parser = _add_biencoder_args(parser)
    parser = _add_vision_args(parser)
    parser = _add_moe_args(parser)
    parser = _add_inference_args(parser)
    parser = _add_transformer_engine_args(parser)
    parser = _add_retro_args(parser)
    parser = _add_one_logger_args(parser)
    parser = _add_experimental_args(parser)

    # Custom arguments.
    if extra_args_provider is not None:
        parser = extra_args_provider(parser)

    # Parse.
    if ignore_unknown_args:
        args, _ = parser.parse_known_args()
    else:
        args = parser.parse_args()

    # Args from environment
    args.rank = int(os.getenv("RANK", "0"))
    args.world_size = int(os.getenv("WORLD_SIZE", "1"))

    return args


def validate_args(args, defaults={}):
    for key in defaults:
        if getattr(args, key, None) is None:
            setattr(args, key, defaults[key])
    for req_arg in ["num_layers", "hidden_size"]:
        _check_arg_is_not_none(args, req_arg)
    return args


def _check_arg_is_not_none(args, arg):
    assert getattr(args, arg) is not None, "{} argument is None".format(arg)

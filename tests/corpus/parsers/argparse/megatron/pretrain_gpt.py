# Copyright (c) 2022, NVIDIA CORPORATION. All rights reserved.
"""Pretrain GPT."""

import json
from functools import partial

from megatron import get_args, initialize_megatron


def add_gpt_args(parser):
    group = parser.add_argument_group(title="gpt")
    group.add_argument(
        "--reset-position-ids", action="store_true", help="Reset position ids after end-of-document token."
    )
    group.add_argument("--reset-attention-mask", action="store_true")
    return parser


def pretrain(forward_step_func, extra_args_provider=None, args_defaults={}):
    initialize_megatron(extra_args_provider=extra_args_provider, args_defaults=args_defaults)
    args = get_args()
    forward_step_func(args)


def forward_step(args):
    print(json.dumps(vars(args)))


if __name__ == "__main__":
    pretrain(
        partial(forward_step),
        extra_args_provider=add_gpt_args,
        args_defaults={"tokenizer_type": "GPT2BPETokenizer", "num_layers": 2, "hidden_size": 64},
    )

"""A dataclass and ordinary argparse options side by side."""

import argparse
import json
from dataclasses import dataclass, field
from typing import Optional

from transformers import HfArgumentParser


@dataclass
class OptimizerArguments:
    _argument_group_name = "optimizer"

    optimizer: str = field(default="adamw", metadata={"choices": ["adamw", "adafactor", "sgd"]})
    learning_rate: float = 1e-4
    momentum: Optional[float] = None
    nesterov: bool = False


def build_parser():
    parser = HfArgumentParser(OptimizerArguments, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--epochs", "-e", type=int, default=10, help="number of epochs")
    parser.add_argument("--batch-size", type=int, required=True)
    group = parser.add_argument_group("logging")
    group.add_argument("--log_every", type=int, default=50)
    group.add_argument("--wandb", action="store_true")
    return parser


def main():
    args = build_parser().parse_args()
    print(json.dumps(vars(args)))


main()

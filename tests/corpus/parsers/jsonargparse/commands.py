"""Sub-commands put together by hand."""

import json
from dataclasses import asdict, dataclass, field
from typing import List

from jsonargparse import ArgumentParser


@dataclass
class Optim:
    name: str = "adamw"
    lr: float = 3e-4
    betas: List[float] = field(default_factory=lambda: [0.9, 0.95])


def build():
    parser = ArgumentParser(env_prefix="APP", default_env=False)
    parser.add_argument("--seed", type=int, default=1)
    commands = parser.add_subcommands(required=True, dest="command")

    train = ArgumentParser()
    train.add_argument("--optim", type=Optim, default=Optim(lr=0.5))
    train.add_argument("--steps", type=int, required=True)
    commands.add_subcommand("train", train)

    sample = ArgumentParser()
    sample.add_argument("prompt", type=str)
    sample.add_argument("--top_k", type=int, default=None)
    commands.add_subcommand("sample", sample)
    return parser


if __name__ == "__main__":
    parser = build()
    config = parser.instantiate(parser.parse_args())
    print(json.dumps(config.as_dict(), default=lambda value: asdict(value)))

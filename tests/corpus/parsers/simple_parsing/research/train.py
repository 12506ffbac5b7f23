"""Sub-commands out of dataclasses, in a package of its own."""

import json
from dataclasses import asdict, dataclass
from typing import Union

from lib.commands import Evaluate, Train
from simple_parsing import ArgumentParser, subparsers


@dataclass
class Program:
    command: Union[Train, Evaluate] = subparsers({"train": Train, "eval": Evaluate})
    verbose: bool = False
    seed: int = 1


if __name__ == "__main__":
    parser = ArgumentParser(add_help=True)
    parser.add_arguments(Program, dest="prog")
    args, rest = parser.parse_known_args()
    print(json.dumps({"name": type(args.prog.command).__name__, **asdict(args.prog)}))

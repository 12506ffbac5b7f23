import argparse
import json

ARGUMENTS = [
    (("--lr", "-l"), {"type": float, "default": 0.1, "help": "learning rate"}),
    (("--epochs",), dict(type=int, default=10)),
    (("--amp",), dict(action="store_true")),
    (("data",), {"nargs": "?", "default": "data"}),
]
COMMON = dict(type=int, metavar="N")
SEED = {**COMMON, "default": 42}


def add(parser, *names, **options):
    return parser.add_argument(*names, **options)


def arg(*args, **kwargs):
    return args, kwargs


MORE = [arg("--wd", type=float, default=0.0), arg("--optimizer", choices=("sgd", "adam"), default="sgd")]

parser = argparse.ArgumentParser()
for args, kwargs in ARGUMENTS + MORE:
    parser.add_argument(*args, **kwargs)
add(parser, "--seed", "-s", **SEED)
add(parser, *["--steps"], **COMMON)
print(json.dumps(vars(parser.parse_args())))

import argparse
import json
import os
import pathlib
from pathlib import Path


def str2bool(v):
    """
    https://stackoverflow.com/questions/15008758/parsing-boolean-values-with-argparse
    """
    if isinstance(v, bool):
        return v
    if v.lower() in ("yes", "true", "t", "y", "1"):
        return True
    elif v.lower() in ("no", "false", "f", "n", "0"):
        return False
    else:
        raise argparse.ArgumentTypeError("boolean value expected")


def positive_int(text):
    value = int(text)
    if value <= 0:
        raise argparse.ArgumentTypeError("%r is not a positive integer" % text)
    return value


def int_list(text: str):
    return [int(item) for item in text.split(",")]


def existing_dir(path):
    if not os.path.isdir(path):
        raise argparse.ArgumentTypeError(f"{path} is not a folder")
    return os.path.abspath(path)


def none_or_float(value):
    return None if value == "None" else float(value)


parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
parser.add_argument("--ema", type=str2bool, default=True, help="exponential moving average")
parser.add_argument("--cudnn", type=lambda x: bool(str2bool(x)), default=True, nargs="?", const=True)
parser.add_argument("--epochs", type=positive_int, default=10)
parser.add_argument("--milestones", type=int_list, default="30,60")
parser.add_argument("--factor", type=lambda s: float(s) * 2, default=1.0)
parser.add_argument("--out", type=Path, default=Path("runs"))
parser.add_argument("--cache", type=pathlib.Path, default=None)
parser.add_argument("--optim-args", type=json.loads, default={})
parser.add_argument("--clip", type=none_or_float, default=None)
parser.add_argument("--root", type=existing_dir, default=".")
parser.add_argument("--seed", type=lambda x: int(x, 0), default=0)
parser.add_argument("--exclude", type=eval, default=None)
args = parser.parse_args()
print(json.dumps(vars(args), default=str))

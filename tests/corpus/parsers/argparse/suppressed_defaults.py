import argparse
import json

DEFAULTS = {"lr": 0.1, "epochs": 3, "name": "base"}

parser = argparse.ArgumentParser(argument_default=argparse.SUPPRESS)
parser.add_argument("--lr", type=float)
parser.add_argument("--epochs", type=int)
parser.add_argument("--name")
parser.add_argument("--debug", action="store_true")
given = parser.parse_args()
config = {**DEFAULTS, **vars(given)}
print(json.dumps(config))

import argparse
import configparser
import json
from pathlib import Path


def load(path):
    return json.loads(Path(path).read_text())


parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--name", required=False)
parser.add_argument("--seed", type=int, default=3)
parser.add_argument("--workers", type=int, default=1)
defaults = load(Path(__file__).parent / "defaults.json")
parser.set_defaults(epochs=defaults["epochs"], name=defaults["name"], **defaults["optimizer"])
parser.set_defaults(seed=99)
ini = configparser.ConfigParser()
ini.read("nothing.ini")
args = parser.parse_args(namespace=argparse.Namespace(workers=6))
print(json.dumps(vars(args)))

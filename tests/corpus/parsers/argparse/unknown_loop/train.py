import argparse
import json
import os

here = os.path.dirname(os.path.abspath(__file__))

with open(os.path.join(here, "schema.json")) as file:
    schema = json.load(file)

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--resume", action="store_true")
for name, default in schema.items():
    parser.add_argument("--" + name, type=type(default), default=default)
parser.add_argument("--epochs", type=int, default=1)
print(json.dumps(vars(parser.parse_args())))

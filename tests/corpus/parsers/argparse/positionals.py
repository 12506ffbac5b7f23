import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("config", help="train config file path")
parser.add_argument("--work-dir", help="the dir to save logs and models")
parser.add_argument("epochs", type=int)
parser.add_argument("--tags", nargs="*", default=[])
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("inputs", nargs="*", default=None)
print(json.dumps(vars(parser.parse_args())))

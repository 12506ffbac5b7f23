import argparse
import json

parser = argparse.ArgumentParser(allow_abbrev=False)
parser.add_argument("--learning-rate", type=float, default=0.1)
parser.add_argument("--learning-rate-decay", type=float, default=0.0)
parser.add_argument("--batch", type=int, default=8)
parser.add_argument("-x", action="store_true")
print(json.dumps(vars(parser.parse_args())))

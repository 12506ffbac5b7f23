import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--amp", action=argparse.BooleanOptionalAction, default=True, help="mixed precision")
parser.add_argument("--compile", action=argparse.BooleanOptionalAction, help="compile the model")
parser.add_argument("-s", "--shuffle", "--shuffle-data", action=argparse.BooleanOptionalAction, default=False)
parser.add_argument("--deterministic", action=argparse.BooleanOptionalAction, required=True)
parser.add_argument("--steps", type=int, default=100)
args = parser.parse_args()
print(json.dumps(vars(args)))

import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--data", required=True)
# jupyter and launchers add arguments of their own
args, unknown = parser.parse_known_args()
print(json.dumps(vars(args)))

import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--learning-rate", "-l", type=float, default=0.1)
parser.add_argument("--batch-size", "-b", type=int, default=8)
parser.add_argument("--warmup-steps", type=int, default=0)
parser.add_argument("--warmup-ratio", type=float, default=0.0)
parser.add_argument("--ddp", action="store_true")
args = parser.parse_args()
print(json.dumps(vars(args)))

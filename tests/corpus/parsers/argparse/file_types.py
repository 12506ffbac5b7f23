import argparse
import json
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--vocab", type=argparse.FileType("r"), required=True, help="one word a line")
parser.add_argument("--config", type=open, default=None)
parser.add_argument("--log", type=argparse.FileType("w"), default=sys.stdout)
parser.add_argument("--limit", type=int, default=None)
args = parser.parse_args()
words = args.vocab.read().split()
print(json.dumps({"words": words[: args.limit], "vocab": args.vocab.name, "limit": args.limit}))

import argparse
import json

parser = argparse.ArgumentParser()
length = parser.add_mutually_exclusive_group(required=True)
length.add_argument("--epochs", type=int)
length.add_argument("--max-steps", type=int)
start = parser.add_mutually_exclusive_group()
start.add_argument("--resume", metavar="CHECKPOINT")
start.add_argument("--from-scratch", action="store_true")
group = parser.add_argument_group("logging")
quiet = group.add_mutually_exclusive_group()
quiet.add_argument("--quiet", action="store_true")
quiet.add_argument("--verbose", action="store_true")
print(json.dumps(vars(parser.parse_args())))

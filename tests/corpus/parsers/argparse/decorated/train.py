import argparse
import json

import lab.optim  # registers its options
from lab.registry import build, options


@options("schedule", order=2)
def add_schedule(group):
    group.add_argument("--warmup", type=int, default=0)
    group.add_argument("--cosine", action="store_true")


if __name__ == "__main__":
    print(json.dumps(vars(build(argparse.ArgumentParser()).parse_args())))

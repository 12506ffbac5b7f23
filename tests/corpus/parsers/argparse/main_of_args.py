"""Trains. A script as many write it: parse_args(argv), main(args), everything in a try."""

import argparse
import json
import sys
import traceback


def parse_args(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=str, required=True)
    parser.add_argument("--lr", type=float)
    parser.add_argument("--message", type=str, default="")
    parser.add_argument("--local-rank", "--local_rank", type=int, default=0)
    args = parser.parse_args(argv)
    if args.lr is not None and args.lr <= 0:
        parser.error("--lr must be positive")
    return args


def main(args):
    try:
        if args.lr is None:
            args.lr = 0.5
    finally:
        print("done")
    print(json.dumps(vars(args)))


if __name__ == "__main__":
    try:
        main(parse_args(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
    except Exception:
        traceback.print_exc()
        raise

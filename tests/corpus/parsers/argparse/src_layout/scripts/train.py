#!/usr/bin/env python3
import argparse
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "src"))

from forecast.utils import options  # noqa: E402


def main():
    parser = argparse.ArgumentParser(parents=[options.options()])
    parser.add_argument("--quantile", type=float, action="append", default=None)
    print(json.dumps(vars(parser.parse_args())))


if __name__ == "__main__":
    main()

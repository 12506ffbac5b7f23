import argparse
import json

from speech.cli.options import add_options
from speech.models.base import Base


def main(argv=None):
    parser = add_options(argparse.ArgumentParser(prog="speech"))
    Base.add_options(parser)
    args = parser.parse_args(argv)
    print(json.dumps(vars(args)))

import argparse
import json
import textwrap

EPILOG = """
examples:
  help_texts.py --lr 0.1
"""


class Formatter(argparse.ArgumentDefaultsHelpFormatter, argparse.RawDescriptionHelpFormatter):
    pass


parser = argparse.ArgumentParser(
    description=textwrap.dedent("""\
        Trains something.
            100 % honest."""),
    epilog=EPILOG,
    formatter_class=lambda prog: Formatter(prog, max_help_position=40),
)
parser.add_argument("--version", action="version", version="%(prog)s 1.0")
parser.add_argument("--lr", type=float, default=3e-4, help="peak learning rate (%(default)s, %(type)s)")
parser.add_argument("--size", nargs=2, type=int, metavar=("HEIGHT", "WIDTH"), default=[224, 224])
parser.add_argument("--range", nargs=3, type=float, metavar=("LOW", "HIGH", "STEP"))
parser.add_argument("--keep", type=float, default=0.9, metavar="P", help="keep with 90%% probability")
parser.add_argument("--secret-knob", type=int, default=7, help=argparse.SUPPRESS)
parser.add_argument(
    "--note",
    default="",
    help="""A text that
    goes over several lines: "quoted", 'quoted'.""",
)
print(json.dumps(vars(parser.parse_args())))

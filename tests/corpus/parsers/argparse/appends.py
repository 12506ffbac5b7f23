import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--tag", action="append", default=[], dest="tags", help="may be given several times")
parser.add_argument("--layer", action="append", type=int, metavar="WIDTH")
parser.add_argument("--callback", action="extend", nargs="+", default=None)
parser.add_argument("--pair", action="append", nargs=2, type=float)
parser.add_argument("--use-ema", action="append_const", const="ema", dest="features")
parser.add_argument("--use-swa", action="append_const", const="swa", dest="features")
parser.add_argument("-v", "--verbose", action="count", default=0)
parser.add_argument("-q", action="count", dest="quietness")
print(json.dumps(vars(parser.parse_args())))

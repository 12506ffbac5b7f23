import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("-b", type=int, default=8)
parser.add_argument("-e", type=int, dest="epochs", default=1)
parser.add_argument("-L", action="store_true")
parser.add_argument("-l", type=float, default=0.1)
parser.add_argument("-n", "-name", default="none")
parser.add_argument("-lr_d", type=float, default=1e-4)
parser.add_argument("-v", action="count", default=0)
print(json.dumps(vars(parser.parse_args())))

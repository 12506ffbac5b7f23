import argparse
import json

# an option that looks like a number changes what argparse takes for a value
parser = argparse.ArgumentParser()
parser.add_argument("-1", dest="one", action="store_true")
parser.add_argument("--offset", type=float, default=0.0)
parser.add_argument("--shift", type=int, nargs=2, default=None)
parser.add_argument("--text", default="")
print(json.dumps(vars(parser.parse_args())))

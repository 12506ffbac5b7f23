import argparse
import json

parser = argparse.ArgumentParser(prefix_chars="-+")
parser.add_argument("+lr", "++learning-rate", type=float, default=0.1)
parser.add_argument("+amp", dest="amp", action="store_true", default=None)
parser.add_argument("-amp", dest="amp", action="store_false")
parser.add_argument("--epochs", type=int, default=3)
print(json.dumps(vars(parser.parse_args())))

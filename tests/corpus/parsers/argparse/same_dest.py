import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--sgd", dest="optimizer", action="store_const", const="sgd", default="adam")
parser.add_argument("--adam", dest="optimizer", action="store_const", const="adam")
parser.add_argument("--optimizer", dest="optimizer", choices=["sgd", "adam", "lion"])
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--learning-rate", type=float, dest="lr", default=0.1)
parser.add_argument("--fast", dest="epochs", action="store_const", const=1)
parser.add_argument("--epochs", type=int, default=90)
print(json.dumps(vars(parser.parse_args())))

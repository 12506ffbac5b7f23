import argparse
import json


def base_parser():
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("--lr", "-l", type=float, default=0.1)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--steps", "-s", type=int, default=0)
    return parser


parser = argparse.ArgumentParser(parents=[base_parser()], conflict_handler="resolve")
parser.add_argument("--lr", type=str, default="auto", help="a number or 'auto'")
parser.add_argument("--epochs", type=int, default=20, choices=[10, 20, 30])
parser.add_argument("-s", "--seed", type=int, default=1)
print(json.dumps(vars(parser.parse_args())))

import argparse
import json


def train(args):
    return {"did": "train"}


def evaluate(args):
    return {"did": "evaluate"}


def common_options():
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--seed", type=int, default=0)
    common.add_argument("--data-dir", default="data")
    return common


def build_parser():
    parser = argparse.ArgumentParser(prog="lab")
    parser.add_argument("-v", "--verbose", action="count", default=0)
    parser.add_argument("--workdir", default=".")
    subparsers = parser.add_subparsers(dest="command", required=True, help="what to do")

    p = subparsers.add_parser("train", aliases=["fit"], parents=[common_options()], help="train a model")
    p.add_argument("--lr", type=float, default=1e-3)
    p.add_argument("--epochs", type=int, required=True)
    p.set_defaults(func=train)

    p = subparsers.add_parser("eval", parents=[common_options()], help="evaluate a model")
    p.add_argument("checkpoint")
    p.add_argument("--split", choices=("val", "test"), default="val")
    p.set_defaults(func=evaluate)
    return parser


if __name__ == "__main__":
    args = build_parser().parse_args()
    did = args.func(args)
    print(json.dumps({**did, **{k: v for k, v in vars(args).items() if k != "func"}}))

import argparse
import json


def get_args():
    parser = argparse.ArgumentParser()
    parser.add_argument("--crop", nargs=2, type=int, default=[256, 256], metavar=("H", "W"))
    parser.add_argument("--betas", nargs="+", type=float, default=(0.9, 0.999))
    parser.add_argument("--stages", nargs="*", default=None)
    parser.add_argument("--only", nargs=1)
    parser.add_argument("--checkpoint", nargs="?", const="last", default=None)
    parser.add_argument("--depths", nargs="+", type=int, required=True)
    parser.add_argument("--name", default="x")
    return parser.parse_args()


if __name__ == "__main__":
    print(json.dumps(vars(get_args())))

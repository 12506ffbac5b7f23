import argparse
import itertools
import json
import string

LOSSES = {"l1": 1.0, "perceptual": 0.1, "style": 250.0}
NAMES = ["encoder", "decoder"]
SPLITS = "train val test".split()


def build():
    parser = argparse.ArgumentParser()
    for name, weight in LOSSES.items():
        parser.add_argument(f"--lambda_{name}", type=float, default=weight, help=f"weight of the {name} loss")
    for name, layers in zip(NAMES, (6, 3)):
        parser.add_argument("--" + name + "-layers", type=int, default=layers)
    for i in range(3):
        parser.add_argument("--stage{}-depth".format(i + 1), type=int, default=2**i)
    for split, suffix in itertools.product(SPLITS, ("dir", "size")):
        parser.add_argument("--%s_%s" % (split, suffix), type=int if suffix == "size" else str, default=None)
    for index, letter in enumerate(string.ascii_lowercase[:3]):
        parser.add_argument(f"-{letter}", type=int, default=index)
    for flag in ("amp", "compile"):
        parser.add_argument("--" + flag, action="store_true")
        parser.add_argument("--no-" + flag, dest=flag, action="store_false")
    for name in sorted({"dropout", "attention_dropout"} | {"drop_path"}):
        if name == "drop_path":
            continue
        parser.add_argument("--" + name.replace("_", "-"), type=float, default=0.0)
    count = 0
    while count < 2:
        parser.add_argument(f"--gpu{count}", default="")
        count += 1
    [parser.add_argument("--" + key, default=key.upper()) for key in ["project", "entity"]]
    return parser


if __name__ == "__main__":
    print(json.dumps(vars(build().parse_args())))

import argparse
import enum
import json

OPTIMIZERS = {"sgd": 0.1, "adam": 1e-3, "adam-w": 1e-4}
SIZES = range(16, 129, 16)


class Precision(enum.Enum):
    FP32 = "fp32"
    BF16 = "bf16"
    FP16 = "fp16"

    def __str__(self):
        return self.value


class Level(str, enum.Enum):
    low = "low"
    high = "high"


parser = argparse.ArgumentParser()
parser.add_argument("--optimizer", choices=OPTIMIZERS.keys(), default="sgd")
parser.add_argument("--schedule", choices=list(OPTIMIZERS), default=None)
parser.add_argument("--size", type=int, choices=SIZES, default=32)
parser.add_argument("--gpus", type=int, choices=[1, 2, 4, 8], default=1)
parser.add_argument("--precision", type=Precision, choices=list(Precision), default=Precision.FP32)
parser.add_argument("--level", choices=[level.value for level in Level], default=Level.low.value)
parser.add_argument("--rate", type=float, choices=(0.1, 0.01, 0.001), default=0.1)
parser.add_argument("--mode", type=str.lower, choices=["train", "eval"], default="train")
parser.add_argument("--parts", nargs="+", choices=["encoder", "decoder", "head"], default=["head"])
args = parser.parse_args()

if __name__ == "__main__":
    print(json.dumps(vars(args), default=str))

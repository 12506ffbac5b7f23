import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--debug", type=bool, default=False)
parser.add_argument("--use_gpu", default=True, type=bool, help="whether to use the GPU")
parser.add_argument("--lr", default=0.01, type=float)
args = parser.parse_args()
print(json.dumps(vars(args)))

# -*- coding: utf-8 -*-
import argparse
import json

parser = argparse.ArgumentParser(description="Größen und 学習率 ⚡")
parser.add_argument("--größe", type=int, default=1, help="Größe")
parser.add_argument("--学習率", type=float, default=0.1, dest="lr")
parser.add_argument("--name", default="naïve café")
parser.add_argument("--prompt", default="", help="what the model is to draw")
parser.add_argument("--emoji", choices=["🙂", "🙁"], default="🙂")
print(json.dumps(vars(parser.parse_args()), ensure_ascii=False))

import argparse
import json

p = argparse.ArgumentParser()
p.add_argument("--batch_size", type=int, default=1)
p.add_argument("--learning-rate", type=float, default=0.1)
p.add_argument("--weight-decay", "--weight_decay", type=float, default=0.0)
p.add_argument("--numEpochs", type=int, default=1)
p.add_argument("--max_grad-norm", type=float, default=1.0)
p.add_argument("-LR", type=float, default=None, dest="peak")
p.add_argument("--lambda", type=float, default=0.5)
p.add_argument("--class", dest="klass", default="none")
p.add_argument("--2d", action="store_true", dest="two_d")
p.add_argument("--a.b", type=int, default=0)
p.add_argument("--out-dir", default="x")
p.add_argument("--out_file", default="y")
print(json.dumps(vars(p.parse_args())))

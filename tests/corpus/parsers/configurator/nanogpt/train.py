"""
This training script can be run both on a single gpu in debug mode,
and also in a larger training run with distributed data parallel (ddp).

To run on a single GPU, example:
$ python train.py --batch_size=32 --compile=False
"""

import json
import math
import os

# -----------------------------------------------------------------------------
# default config values designed to train a gpt2 (124M) on OpenWebText
# I/O
out_dir = "out"
eval_interval = 2000
eval_only = False  # if True, script exits right after the first eval
init_from = "scratch"  # 'scratch' or 'resume' or 'gpt2*'
# data
dataset = "openwebtext"
gradient_accumulation_steps = 5 * 8  # used to simulate larger batch sizes
batch_size = 12  # if gradient_accumulation_steps > 1, this is the micro-batch size
# model
n_layer = 12
dropout = 0.0  # for pretraining 0 is good, for finetuning try 0.1+
# adamw optimizer
learning_rate = 6e-4  # max learning rate
min_lr = 6e-5  # minimum learning rate, should be ~= learning_rate/10 per Chinchilla
compile = True  # use PyTorch 2.0 to compile the model to be faster
# -----------------------------------------------------------------------------
config_keys = [k for k, v in globals().items() if not k.startswith("_") and isinstance(v, (int, float, bool, str))]
exec(open("configurator.py").read())  # overrides from command line or config file
config = {k: globals()[k] for k in config_keys}  # will be useful for logging
# -----------------------------------------------------------------------------


def get_lr(it):
    return min_lr + 0.5 * (1.0 + math.cos(math.pi * it)) * (learning_rate - min_lr)


os.environ["OUT_DIR"] = out_dir
assert get_lr(0) > 0
print(json.dumps(config))

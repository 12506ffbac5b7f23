import argparse
import json
import os
import platform
import sys

try:
    import torch_that_nobody_has as torch
except ImportError:
    torch = None

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=1)
if torch is not None and torch.cuda.is_available():
    parser.add_argument("--gpus", type=int, default=torch.cuda.device_count())
if sys.version_info >= (3, 8):
    parser.add_argument("--lr", type=float, default=0.1)
else:
    parser.add_argument("--learning-rate", type=float, default=0.1)
if os.path.exists("/dev/accel-that-nobody-has"):
    parser.add_argument("--tpu-cores", type=int, default=8)
elif os.cpu_count():
    parser.add_argument("--threads", type=int, default=1)
if platform.system() == "Windows":
    parser.add_argument("--workers", type=int, default=0)
else:
    parser.add_argument("--workers", type=int, default=4)
if __debug__:
    parser.add_argument("--profile", action="store_true")
DEBUG = False
if DEBUG:
    parser.add_argument("--never", type=int)
print(json.dumps(vars(parser.parse_args())))

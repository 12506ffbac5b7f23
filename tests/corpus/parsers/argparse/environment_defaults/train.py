import argparse
import getpass
import json
import os
import time
from datetime import datetime

import constants as C
from constants import LEARNING_RATES, Defaults

parser = argparse.ArgumentParser()
# sagemaker
parser.add_argument("--epochs", type=int, default=C.EPOCHS)
parser.add_argument("--lr", type=float, default=LEARNING_RATES[C.DEFAULT_SIZE])
parser.add_argument("--batch-size", type=int, default=C.BATCH)
parser.add_argument("--seed", type=int, default=Defaults.seed)
parser.add_argument("--devices", type=int, nargs="*", default=Defaults.devices)
parser.add_argument("--name", default=C.NAME)
parser.add_argument("--model-dir", type=str, default=os.environ.get("SM_MODEL_DIR", "/opt/ml/model"))
parser.add_argument("--num-gpus", type=int, default=int(os.environ.get("SM_NUM_GPUS", 0)))
parser.add_argument("--user", default=os.getenv("USER") or getpass.getuser())
parser.add_argument("--stamp", default=datetime.now().strftime("%Y%m%d-%H%M%S"))
parser.add_argument("--started", type=float, default=time.time())
parser.add_argument("--workers", type=int, default=min(4, os.cpu_count() or 1))
parser.add_argument("--data", default=os.path.join(C.ROOT, "data"))
parser.add_argument("--hosts", type=json.loads, default=os.environ.get("SM_HOSTS", "[]"))
parser.add_argument("--token", required="HF_TOKEN_FOR_RUNCTL_TESTS" not in os.environ)
args = parser.parse_args()
print(json.dumps(vars(args), default=str))

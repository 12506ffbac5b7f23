import json
from argparse import *

from config import *

parser = make_parser()
add_extra(parser)
parser.add_argument("--half", action="store_true")
parser.add_argument("--half-lr", type=float, default=LR / 2, help=SUPPRESS)
if "not_exported" in globals():
    not_exported(parser)
args: Namespace = parser.parse_args()
print(json.dumps(vars(args)))

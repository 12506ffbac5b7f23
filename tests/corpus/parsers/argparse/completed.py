#!/usr/bin/env python
# PYTHON_ARGCOMPLETE_OK
import argparse
import json

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--model", default="resnet")
parser.add_argument("--layers", type=int, default=2)
try:
    import argcomplete

    argcomplete.autocomplete(parser)
except ImportError:
    pass
print(json.dumps(vars(parser.parse_args())))

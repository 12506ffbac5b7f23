"""Runs scripts with a real framework: `python -m truth FRAMEWORK`, a JSON request a line on stdin, answers on stdout.

A request: {"folder": …, "script": …, "args": […], "want": "run" | "flags"}.
"""

import importlib
import json
import sys

from truth import answer

sys.dont_write_bytecode = True
framework = importlib.import_module(f"truth.{sys.argv[1]}")
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line), framework.flags)), flush=True)

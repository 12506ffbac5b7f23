import json
import sys
from pathlib import Path

if __package__ in (None, ""):
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent_lab.rl_options import rl_parser

if __name__ == "__main__":
    print(json.dumps(vars(rl_parser().parse_args())))

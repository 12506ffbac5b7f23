import argparse
import json


class LineParser(argparse.ArgumentParser):
    def convert_arg_line_to_args(self, arg_line):
        line = arg_line.split("#")[0]
        return line.split()


parser = LineParser(fromfile_prefix_chars="@")
parser.add_argument("--lr", type=float, default=0.1)
parser.add_argument("--owner", default="nobody")
parser.add_argument("--epochs", type=int, default=1)
parser.add_argument("--names", nargs="+", default=[])
print(json.dumps(vars(parser.parse_args())))

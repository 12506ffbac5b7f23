import argparse
import json
import sys

from commands import ALL


def main(argv=None):
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", default="cpu")
    sub = parser.add_subparsers(title="commands", dest="command")
    for command in ALL:
        command.register(sub)
    args = parser.parse_args(argv)
    if args.command is None:
        parser.print_help()
        return 1
    print(json.dumps(vars(args)))
    return 0


if __name__ == "__main__":
    sys.exit(main())

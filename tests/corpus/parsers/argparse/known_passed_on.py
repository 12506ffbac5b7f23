import argparse
import json
import sys


def common_arg_parser():
    parser = argparse.ArgumentParser(formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--env", help="environment ID", type=str, default="Reacher-v2")
    parser.add_argument("--seed", help="RNG seed", type=int, default=None)
    (parser.add_argument("--num_timesteps", type=float, default=1e6),)
    parser.add_argument("--play", default=False, action="store_true")
    return parser


def parse_unknown_args(args):
    """Parse arguments not consumed by arg parser into a dictionary"""
    retval = {}
    preceded_by_key = False
    for arg in args:
        if arg.startswith("--"):
            if "=" in arg:
                key = arg.split("=")[0][2:]
                value = arg.split("=")[1]
                retval[key] = value
            else:
                key = arg[2:]
                preceded_by_key = True
        elif preceded_by_key:
            retval[key] = arg
            preceded_by_key = False
    return retval


def parse_cmdline_kwargs(args):
    """convert a list of '='-spaced command-line arguments to a dictionary, evaluating python objects when possible"""

    def parse(v):
        assert isinstance(v, str)
        try:
            return eval(v)
        except (NameError, SyntaxError):
            return v

    return {k: parse(v) for k, v in parse_unknown_args(args).items()}


def main(args):
    arg_parser = common_arg_parser()
    args, unknown_args = arg_parser.parse_known_args(args)
    extra_args = parse_cmdline_kwargs(unknown_args)
    print(json.dumps({**vars(args), "extra": extra_args}))


if __name__ == "__main__":
    main(sys.argv[1:])

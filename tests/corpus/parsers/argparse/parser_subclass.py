import argparse
import json
import sys


class TrainingParser(argparse.ArgumentParser):
    """A parser that knows the options of every experiment and prints its help on errors."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, conflict_handler="resolve", **kwargs)
        self.add_argument("--seed", type=int, default=0)
        self.add_argument("--output", default="runs")

    def error(self, message):
        sys.stderr.write("error: %s\n" % message)
        self.print_help(sys.stderr)
        sys.exit(2)

    def add_optimizer(self, name, lr):
        group = self.add_argument_group(name)
        group.add_argument(f"--{name}-lr", type=float, default=lr)
        group.add_argument("--%s-betas" % name, type=float, nargs=2, default=None)
        return self

    def parse(self, argv=None):
        args = self.parse_args(argv)
        args.total = args.epochs * args.steps
        return args


if __name__ == "__main__":
    parser = TrainingParser(description="GAN").add_optimizer("generator", 1e-4).add_optimizer("critic", 4e-4)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--output", default="out", help="again")
    print(json.dumps(vars(parser.parse())))

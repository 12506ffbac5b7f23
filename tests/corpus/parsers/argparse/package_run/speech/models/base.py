from .. import cli  # circular: the package imports the command line first


class Base:
    default_name = "base"

    @classmethod
    def add_options(cls, parser):
        parser.add_argument("--hidden", type=int, default=256)
        parser.add_argument("--sample-rate", type=int, default=16_000)

    def fail(self):
        cli.main(["--help"])

"""Not the library of that name: a model with many heads."""


def main(parser):
    parser.add_argument("--heads", type=int, default=9)
    return parser

import argparse

NAME = "pretrain"


def register(subparsers: "argparse._SubParsersAction") -> None:
    parser = subparsers.add_parser(NAME, help="pretrain from scratch")
    kinds = parser.add_subparsers(dest="kind", metavar="KIND")
    kinds.required = True
    lm = kinds.add_parser("lm", help="a language model")
    lm.add_argument("--context", type=int, default=1024)
    lm.add_argument("--lr", type=float, default=6e-4)
    mlm = kinds.add_parser("mlm", help="a masked language model")
    mlm.add_argument("--mask-ratio", type=float, default=0.15)
    mlm.add_argument("--lr", type=float, default=1e-4)

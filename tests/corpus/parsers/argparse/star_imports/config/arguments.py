from .defaults import EPOCHS, LR

__all__ = ["make_parser", "add_extra"]


def make_parser():
    from argparse import ArgumentParser

    parser = ArgumentParser()
    parser.add_argument("--lr", type=float, default=LR)
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    return _finish(parser)


def _finish(parser):
    parser.add_argument("--finish", default="matte", choices=["matte", "gloss"])
    return parser


def add_extra(parser):
    parser.add_argument("--extra", type=int, default=0)


def not_exported(parser):
    parser.add_argument("--wrong")

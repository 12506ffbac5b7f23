import argparse
import json
from argparse import ArgumentParser as AP
from functools import partial


def build(factory=AP, extras=()):
    parser = factory(description="indirect")
    add = parser.add_argument
    add("--lr", type=float, default=0.1)
    getattr(parser, "add_argument")("--epochs", type=int, default=3)
    number = partial(parser.add_argument, type=int, default=0)
    number("--seed")
    number("--rank", default=-1)
    switch = lambda name, **kw: parser.add_argument(name, action="store_true", **kw)
    switch("--amp")
    switch("--dry-run", help="nothing is written")
    for extra in extras:
        extra(parser)
    return parser


def wandb_options(parser):
    group = parser.add_argument_group("wandb")
    group.add_argument("--project", default=None)


TABLE = {"parse": lambda parser: parser.parse_args()}

if __name__ == "__main__":
    p = build(extras=[wandb_options, lambda parser: parser.add_argument("--tag")])
    args = TABLE["parse"](p)
    print(json.dumps(args.__dict__))

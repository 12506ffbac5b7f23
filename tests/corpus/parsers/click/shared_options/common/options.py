"""Options that all of our commands have."""

import functools
import os

import click

_TRAINING = [
    click.option("--epochs", type=int, default=10),
    click.option("--lr", "lr", type=float, default=0.1),
    click.option("--seed", type=int, default=None, help="Random if not given."),
]


def training_options(func):
    for option in reversed(_TRAINING):
        func = option(func)
    return func


def add_options(options):
    def decorate(func):
        for option in reversed(options):
            func = option(func)
        return func

    return decorate


def distributed(func):
    @click.option("--world-size", type=int, default=1, envvar="WORLD_SIZE")
    @click.option("--backend", type=click.Choice(["nccl", "gloo"]), default="gloo")
    @functools.wraps(func)
    def wrapper(world_size, backend, *args, **kwargs):
        return func(*args, distributed={"world_size": world_size, "backend": backend}, **kwargs)

    return wrapper


def bounded(name, high=100, **kwargs):
    return click.option(f"--{name}", type=click.IntRange(0, high), show_default=True, **kwargs)


device_option = click.option("--device", default="cpu")
data_argument = click.argument("data_dir", default=os.path.join("data", "raw"), type=click.Path())
LOGGING = [click.option(f"--log-{kind}/--no-log-{kind}", default=True) for kind in ("loss", "lr", "grad")]

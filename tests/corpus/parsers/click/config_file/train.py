"""Settings from a file, and from the command line over them."""

import json
from pathlib import Path

import click


def load_config(ctx, param, value):
    if value is not None:
        ctx.default_map = {**(ctx.default_map or {}), **json.loads(Path(value).read_text())}
    return value


@click.command()
@click.option("--config", type=click.Path(exists=True), callback=load_config, is_eager=True, help="A JSON file.")
@click.option("--lr", type=float, required=True)
@click.option("--epochs", type=click.IntRange(min=1), default=10)
@click.option("--name", default="run")
@click.option("--decay/--no-decay", default=True)
def main(**settings):
    print(json.dumps(settings))


if __name__ == "__main__":
    main()

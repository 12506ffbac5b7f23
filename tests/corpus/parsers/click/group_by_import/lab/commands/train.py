import json

import click

from ..main import cli


@cli.command()
@click.argument("config", type=click.Path())
@click.argument("overrides", nargs=-1)
@click.option("--epochs", "-n", type=int, required=True)
@click.option("--tag", "tags", multiple=True, help="May be given several times.")
@click.option("--point", nargs=2, type=float, multiple=True)
@click.pass_obj
def train_command(obj, config, overrides, epochs, tags, point):
    """Train a model."""
    print(json.dumps({**obj, "config": config, "overrides": overrides, "epochs": epochs, "tags": tags, "point": point}))


@cli.command("eval", help="Evaluate a checkpoint.")
@click.option("--checkpoint", "-c", type=click.Path(), required=True)
@click.option("--split", type=click.Choice(("val", "test")), default="val")
@click.pass_context
def evaluate(ctx, checkpoint, split):
    print(json.dumps({**ctx.obj, "checkpoint": checkpoint, "split": split}))

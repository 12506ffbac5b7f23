import json
import os

import rich_click as click
from settings import DEFAULTS, FORMATS, MODELS

click.rich_click.SHOW_ARGUMENTS = True
PASSED = {"default_map": DEFAULTS}


@click.group(invoke_without_command=True, context_settings=PASSED)
@click.option("--root", default=lambda: os.environ.get("DATA_ROOT", "data"), show_default="$DATA_ROOT")
@click.pass_context
def cli(ctx, root):
    ctx.obj = root
    if ctx.invoked_subcommand is None:
        print(json.dumps({"root": root}))


@cli.command()
@click.option("--model", type=click.Choice(list(MODELS)), default="resnet18")
@click.option("--lr", type=float, required=True)
@click.option("--epochs", default=1)
@click.option("--token", prompt=True, hide_input=True, envvar="HUB_TOKEN")
@click.option("--user", prompt="Who are you")
@click.pass_obj
def train(root, **settings):
    print(json.dumps({"root": root, **settings}))


@cli.command(name="export", deprecated=False)
@click.option("--format", "fmt", type=click.Choice(FORMATS), default="torchscript")
@click.confirmation_option(prompt="Overwrite?")
@click.pass_obj
def export_model(root, fmt):
    print(json.dumps({"root": root, "fmt": fmt}))


if __name__ == "__main__":
    import sys

    sys.exit(cli())

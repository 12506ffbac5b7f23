import json

import click

from ..main import cli


@cli.group()
def data():
    """Data sets."""


@data.command()
@click.option("--name", required=True)
@click.option("--limit", default=100)
def download(name, limit):
    print(json.dumps({"name": name, "limit": limit}))


@click.command()
@click.option("--force", is_flag=True)
def clean(force):
    print(json.dumps({"force": force}))


data.add_command(clean, name="wipe")

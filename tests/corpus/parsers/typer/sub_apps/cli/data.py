import json
from typing import List

import typer

app = typer.Typer()


@app.callback(invoke_without_command=True)
def data(ctx: typer.Context, root: str = "data"):
    if ctx.invoked_subcommand is None:
        print(json.dumps({"root": root}))


@app.command()
def get(names: List[str], force: bool = typer.Option(False, "--force/ ", "-f/ ")):
    print(json.dumps({"names": names, "force": force}))


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True})
def hook(ctx: typer.Context, command: str):
    print(json.dumps({"command": command, "rest": ctx.args}))

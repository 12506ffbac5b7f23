from typing import Annotated

import typer

Seed = Annotated[int, typer.Option("--seed", "-s", help="Random seed.")]
Device = Annotated[str, typer.Option(envvar="DEVICE")]
EPOCHS = typer.Option(..., "--epochs", "-n", min=1)

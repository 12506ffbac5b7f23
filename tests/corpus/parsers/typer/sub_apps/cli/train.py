import json

import typer

from .options import EPOCHS, Device, Seed

app = typer.Typer()


@app.command("fit")
def fit_model(ctx: typer.Context, epochs: int = EPOCHS, seed: Seed = 0, device: Device = "cpu", lr: float = 0.1):
    print(json.dumps({**ctx.obj, "epochs": epochs, "seed": seed, "device": device, "lr": lr}))


@app.command()
def eval_model(ctx: typer.Context, checkpoint: str, seed: Seed = 0):
    print(json.dumps({**ctx.obj, "checkpoint": checkpoint, "seed": seed}))

from __future__ import annotations

import json
import uuid
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Annotated, Literal, Optional

import typer

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)

Rate = Annotated[float, typer.Option("--lr", "--learning-rate", help="Step size.", min=0.0)]


class Size(Enum):
    small = 18
    large = 50


def version_callback(value: bool):
    if value:
        typer.echo("1.0")
        raise typer.Exit()


@app.command()
def train(
    ctx: typer.Context,
    config: Annotated[Path, typer.Argument(help="YAML file.", envvar="TRAIN_CONFIG")] = Path("config.yaml"),
    layers: Annotated[list[int] | None, typer.Argument()] = None,
    learning_rate: Rate = 0.1,
    precision: Annotated[Literal["fp32", "bf16"], typer.Option(case_sensitive=False)] = "fp32",
    size: Annotated[Size, typer.Option()] = Size.small,
    seeds: Annotated[list[int], typer.Option("--seed")] = [],
    crop: Annotated[Optional[tuple[int, int]], typer.Option()] = None,
    ema: Annotated[Optional[bool], typer.Option("--ema/--no-ema", "-E/-e")] = None,
    compile_model: Annotated[bool, typer.Option("--compile")] = False,
    fast: Annotated[bool, typer.Option()] = False,
    until: Annotated[datetime, typer.Option(formats=["%Y-%m-%d"])] = "2030-01-01",
    run_id: Annotated[Optional[uuid.UUID], typer.Option()] = None,
    out_dir: Annotated[Path, typer.Option("-o", "--out")] = Path("out"),
    lr_G: float = 0.2,
    version: Annotated[Optional[bool], typer.Option("--version", callback=version_callback, is_eager=True)] = None,
) -> None:
    received = {key: value for key, value in locals().items() if key != "ctx"}
    received.update(config=str(config), until=until.isoformat(), out_dir=str(out_dir), size=size.value)
    received["run_id"] = None if run_id is None else str(run_id)
    print(json.dumps(received))


if __name__ == "__main__":
    app()

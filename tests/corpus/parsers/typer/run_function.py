"""One function, run."""

import json
from enum import Enum
from pathlib import Path
from typing import List, Optional, Tuple

import typer


class Optimizer(str, Enum):
    sgd = "sgd"
    adam_w = "adam-w"


def main(
    data_dir: Path,
    epochs: int = 10,
    lr: float = 1e-3,
    batch_size: int = typer.Option(32, "--batch-size", "-b", min=1, max=4096, help="Images a step."),
    optimizer: Optimizer = Optimizer.sgd,
    amp: bool = False,
    cuda: bool = True,
    save: bool = typer.Option(False, "--save"),
    resume: Optional[Path] = None,
    tags: Optional[List[str]] = typer.Option(None, "--tag", "-t"),
    betas: Tuple[float, float] = (0.9, 0.999),
    run_name: str = typer.Option(..., help="What the run is called."),
    verbose: int = typer.Option(0, "--verbose", "-v", count=True),
    note=None,
    patience=5,
):
    """Train on DATA_DIR."""
    received = dict(locals())
    received["data_dir"] = str(data_dir)
    received["resume"] = None if resume is None else str(resume)
    received["optimizer"] = optimizer.value
    typer.echo(json.dumps(received))


if __name__ == "__main__":
    typer.run(main)

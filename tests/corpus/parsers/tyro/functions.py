"""Functions as sub-commands."""

import json
import pathlib
from typing import Optional

import tyro

app = tyro.extras.SubcommandApp()


@app.command
def train_model(
    data_dir: pathlib.Path,
    /,
    epochs: int = 10,
    *,
    lr: float = 3e-4,
    resume: Optional[pathlib.Path] = None,
    mixed_precision: bool = True,
) -> None:
    """Trains.

    Args:
        data_dir: where the data is
        epochs: passes over it
    """
    print(
        json.dumps(
            {
                "data_dir": str(data_dir),
                "epochs": epochs,
                "lr": lr,
                "resume": resume and str(resume),
                "mixed": mixed_precision,
            }
        )
    )


@app.command(name="export")
def export_onnx(checkpoint: str, *shapes: int, opset=17):
    print(json.dumps({"checkpoint": checkpoint, "shapes": shapes, "opset": opset}))


if __name__ == "__main__":
    app.cli()

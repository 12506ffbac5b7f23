"""A trainer with many settings and a state that its callback keeps."""

import json
from typing import Dict, List, Optional, Union

import typer
from typing_extensions import Annotated

app = typer.Typer(context_settings={"help_option_names": ["-h", "--help"]})
state: Dict[str, Union[int, str]] = {}
MODELS = ["resnet18", "resnet50", "vit"]


def check_model(value: str) -> str:
    if value not in MODELS:
        raise typer.BadParameter(f"one of {MODELS}")
    return value


def parse_pairs(text: str) -> dict:
    return dict(item.split(":") for item in text.split(","))


@app.callback(invoke_without_command=True)
def main(
    model: Annotated[str, typer.Option("-m", "--model", callback=check_model)] = "resnet18",
    pairs: Annotated[Optional[dict], typer.Option(parser=parse_pairs)] = None,
    sizes: Annotated[List[int], typer.Option()] = [1, 2],
    base_lr: float = typer.Option(0.1, "--base_lr", "--base-lr"),
    min_lr: float = typer.Option(1e-6, "--minLr"),
    warmup: int = typer.Option(5, rich_help_panel="Schedule"),
    token: str = typer.Option("none", envvar=["HF_TOKEN", "TOKEN"], show_default=False),
    password: str = typer.Option("x", hidden=True),
    ratio: Annotated[float, typer.Option(min=0, max=1, clamp=True)] = 0.5,
):
    """Train."""
    print(json.dumps(locals()))


if __name__ == "__main__":
    app(prog_name="train")

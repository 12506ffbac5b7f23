"""Every type that click has for a value."""

import enum
import json
import uuid
from pathlib import Path

import click


class Precision(enum.Enum):
    FP32 = "32"
    FP16 = "16-mixed"
    BF16 = "bf16-mixed"


class Schedule(str, enum.Enum):
    cosine = "cosine"
    linear = "linear"


class CommaSeparated(click.ParamType):
    name = "integers"

    def convert(self, value, param, ctx):
        try:
            return value if isinstance(value, list) else [int(item) for item in value.split(",")]
        except ValueError:
            self.fail(f"{value!r} is not a list of integers", param, ctx)


def at_most_one(ctx, param, value):
    if value > 1:
        raise click.BadParameter("must be at most 1")
    return value


def optional_float(text):
    return None if text.lower() == "none" else float(text)


@click.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--workers", type=click.IntRange(0, 64), default=4)
@click.option("--dropout", type=click.FloatRange(0, 1, max_open=True), default=0.1)
@click.option("--top-k", type=click.IntRange(min=1, clamp=True), default=5)
@click.option("--betas", type=(float, float), default=(0.9, 0.999))
@click.option("--image-size", nargs=2, type=int, default=(224, 224))
@click.option("--range", "span", nargs=2, default=[0.0, 1.0])
@click.option("--mix", type=click.Tuple([str, int]), default=("a", 1))
@click.option("--since", type=click.DateTime(formats=["%Y-%m-%d"]), default="2020-01-01")
@click.option("--id", "identity", type=click.UUID)
@click.option("--pretrained", type=bool, default=True)
@click.option("--compile", default=False)
@click.option("--precision", type=click.Choice(Precision), default=Precision.FP32)
@click.option("--schedule", type=click.Choice([s.value for s in Schedule]), default=Schedule.cosine.value)
@click.option("--depth", type=click.Choice(["18", "34", "50"]), default="18")
@click.option("--layers", type=CommaSeparated(), default="64,64")
@click.option("--momentum", type=float, default=0.9, callback=at_most_one)
@click.option("--clip", type=optional_float, default="none")
@click.option("--extra", type=json.loads, default="{}")
@click.option("--log", type=click.File("w"), default="-")
@click.option("--label", default="x")
def main(**settings):
    settings["data"] = str(settings["data"])
    settings["since"] = settings["since"].isoformat()
    settings["identity"] = str(settings["identity"]) if isinstance(settings["identity"], uuid.UUID) else None
    settings["precision"] = settings["precision"].value
    settings["log"] = settings["log"].name
    print(json.dumps(settings))


if __name__ == "__main__":
    main()

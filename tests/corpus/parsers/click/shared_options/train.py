import json

import click
from common.options import LOGGING, add_options, bounded, data_argument, device_option, distributed, training_options


@click.command("train")
@data_argument
@training_options
@add_options(LOGGING)
@device_option
@bounded("warmup-steps", default=5)
@bounded("accumulate", high=8, default=1)
@distributed
def cli(**kwargs):
    print(json.dumps(kwargs))


def main():
    cli(prog_name="train", standalone_mode=True)


if __name__ == "__main__":
    main()

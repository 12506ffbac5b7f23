"""Starts a trainer, and hands on what it does not know."""

import json

import click


@click.command(context_settings=dict(ignore_unknown_options=True, allow_extra_args=True, help_option_names=[]))
@click.option("--gpus", type=int, default=1)
@click.option("--partition", default="debug")
@click.option("--signal", type=click.IntRange(1, 64), default=10)
@click.option("--dry", is_flag=True)
@click.pass_context
def launch(ctx, gpus, partition, signal, dry):
    rest = dict(zip(ctx.args[::2], ctx.args[1::2]))
    print(json.dumps({"gpus": gpus, "partition": partition, "signal": signal, "dry": dry, "rest": rest}))


if __name__ == "__main__":
    launch(standalone_mode=False)

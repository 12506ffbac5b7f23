"""All kinds of flags."""

import json

import click


@click.command()
@click.option("--shout/--no-shout", " /-S", default=True)
@click.option("--cache/--no-cache", "use_cache", default=None, help="Decided by the data if not given.")
@click.option("/debug;/no-debug", "debug", default=False)
@click.option("--upper", "case", flag_value="upper", default=True)
@click.option("--lower", "case", flag_value="lower")
@click.option("--no-cuda", "cuda", is_flag=True, flag_value=False, default=True)
@click.option(
    "--resume", is_flag=False, flag_value="last", default=None, help="A checkpoint; the last one if none is named."
)
@click.option("--fast", is_flag=True)
@click.option("-x", is_flag=True)
@click.option("-n", type=int, default=1)
@click.option("-lr", type=float, default=0.1)
@click.option("--Upper_Case-Mix", "--ucm", type=int, default=0)
@click.option("--quiet", "-q", count=True)
@click.option("--deterministic", is_flag=True, default=True)
@click.option("--hidden-size", default=128, hidden=True)
def main(**settings):
    print(json.dumps(settings))


if __name__ == "__main__":
    main()

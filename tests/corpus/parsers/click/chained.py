import json

import click

done = []


@click.group(chain=True)
@click.option("--seed", default=0, type=int)
def cli(seed):
    done.append({"seed": seed})


@cli.command()
@click.option("--size", default=10)
def prepare(size):
    done.append({"prepare": size})


@cli.command()
@click.option("--epochs", default=1)
def fit(epochs):
    done.append({"fit": epochs})


@cli.result_callback()
def finish(results, **kwargs):
    merged = {}
    for item in done:
        merged.update(item)
    print(json.dumps(merged))


if __name__ == "__main__":
    cli()

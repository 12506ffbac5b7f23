"""Commands that are built without decorators, and a table of options."""

import json

import click

TABLE = {
    "lr": (float, 0.1, "learning rate"),
    "batch_size": (int, 8, "images a step"),
    "model_name": (str, "tiny", None),
}


class Literal(click.Option):
    """A Python literal on the command line."""

    def type_cast_value(self, ctx, value):
        return json.loads(value)


def run(**settings):
    print(json.dumps(settings))


def options():
    return [
        click.Option([f"--{name}"], type=kind, default=default, help=help_text)
        for name, (kind, default, help_text) in TABLE.items()
    ]


command = click.Command(
    "train", callback=run, params=[*options()], context_settings={"token_normalize_func": str.lower}
)
command.params.append(click.Argument(["DATA"], required=False, nargs=1))
command = click.option("--sizes", cls=Literal, default="[]")(command)
command = click.option("--stage", type=click.Choice([1, 2, 3]), default=1)(command)

if __name__ == "__main__":
    command.main(auto_envvar_prefix="BUILT")

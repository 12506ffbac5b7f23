"""Everything that a truth value can be."""

import json
from typing import Optional

import typer


def main(
    flag: bool,
    plain: bool = False,
    on: bool = True,
    required: bool = typer.Option(...),
    alone: bool = typer.Option(False, "--alone"),
    short: bool = typer.Option(False, "-q"),
    pair: bool = typer.Option(True, "--accept/--reject"),
    short_pair: bool = typer.Option(False, "--force/--no-force", "-f/-F"),
    only_off: Optional[bool] = typer.Option(None, " /--off"),
    maybe: Optional[bool] = None,
    extra_names: bool = typer.Option(False, "--extra", "--more/--less"),
):
    print(json.dumps(locals()))


if __name__ == "__main__":
    typer.run(main)

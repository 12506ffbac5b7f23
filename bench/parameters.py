"""(h) How long it takes to read what a script can be told: 200 options, made in 20 modules."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from bench.figures import Row, ratio, value
from bench.place import Place
from bench.timing import interleaved, timed

_ROUNDS = 21
_MODULES, _OPTIONS_EACH = 20, 10
_MOST_S = 0.15


def measure(place: Place) -> list[Row]:
    home = place.new_folder()
    _write_project(home)
    ours = place.environment(home)
    samples = interleaved(
        {
            "params": partial(timed, [place.runctl, "params", "train.py", "--json"], ours, home, '"option_19_9"'),
            "version": partial(timed, [place.runctl, "--version"], ours, home, "runctl "),
            "help": partial(timed, [place.python, "train.py", "--help"], ours, home, "--option-19-9"),
        },
        _ROUNDS,
    )
    what = f"`runctl params` of {_MODULES * _OPTIONS_EACH} options in {_MODULES} modules"
    return [
        value("h", what, samples["params"], _MOST_S),
        ratio("h", what, samples["params"], "`runctl --version`", samples["version"]),
        ratio("h", what, samples["params"], "`python train.py --help` itself", samples["help"]),
    ]


def _write_project(folder: Path) -> None:
    options = folder / "options"
    options.mkdir()
    (options / "__init__.py").write_text("")
    for module in range(_MODULES):
        lines = [
            f'    group.add_argument("--option-{module}-{index}", type=float, default={index}.5, help="option {index}")'
            for index in range(_OPTIONS_EACH)
        ]
        body = ["def add_arguments(parser):", f'    group = parser.add_argument_group("part {module}")', *lines]
        # what surrounds options in real modules: code that is not about them
        code = [
            "class Layer:",
            *(f"    def method_{n}(self, x):\n        return [x * {n} for x in x]" for n in range(40)),
        ]
        (options / f"part_{module}.py").write_text("\n".join(["import math", *code, "", *body]) + "\n")
    imports = [f"from options import part_{module}" for module in range(_MODULES)]
    calls = [f"    part_{module}.add_arguments(parser)" for module in range(_MODULES)]
    main = ["import argparse", *imports, "", "def main():", "    parser = argparse.ArgumentParser()", *calls]
    (folder / "train.py").write_text("\n".join([*main, "    print(parser.parse_args())", "", "main()"]) + "\n")

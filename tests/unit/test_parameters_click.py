"""What is read of click and typer scripts: names, flags, defaults, and what is honestly said to be unknown."""

from __future__ import annotations

from pathlib import Path

import pytest

from runctl.project.parameters.frameworks.click.commands import command_name
from runctl.project.parameters.frameworks.click.parameters import names
from runctl.project.parameters.model import COUNT, REPEATED, SWITCH, VALUES, Command, Interface, Parameter, Unread
from runctl.project.parameters.reading import read_interface


def read(source: str, folder: Path, **modules: str) -> Interface:
    """The interface of a script with this source, beside modules of these names."""
    for name, text in modules.items():
        (folder / f"{name}.py").write_text(text)
    script = folder / "train.py"
    script.write_text(source)
    interface = read_interface(script, folder)
    assert interface is not None
    return interface


def click(options: str, folder: Path, command: str = "", before: str = "") -> Command:
    """The command that these decorators make of a function."""
    decorators = "\n".join(f"@{line.strip()}" for line in options.strip().splitlines())
    source = f"import click\n{before}\n@click.command({command})\n{decorators}\ndef main(**kwargs): pass\nmain()\n"
    return read(source, folder).command


def only(options: str, folder: Path) -> Parameter:
    """The only parameter of that command."""
    (parameter,) = click(options, folder).parameters
    return parameter


def typer(arguments: str, folder: Path, before: str = "") -> dict[str, Parameter]:
    """The parameters that typer makes of a function's arguments."""
    source = (
        f"import typer\nfrom typing import Annotated, List\n{before}\ndef main({arguments}): pass\ntyper.run(main)\n"
    )
    return {parameter.name: parameter for parameter in read(source, folder).command.parameters}


@pytest.mark.parametrize(
    ("declarations", "name", "flags", "off_flags"),
    [
        (("--batch-size",), "batch_size", ("--batch-size",), ()),
        (("-b", "--Batch-Size"), "batch_size", ("--Batch-Size", "-b"), ()),
        (("-b", "--bs", "batch"), "batch", ("--bs", "-b"), ()),
        (("-x",), "x", ("-x",), ()),
        (("-lr",), "lr", ("-lr",), ()),
        (("--amp/--no-amp",), "amp", ("--amp",), ("--no-amp",)),
        (("--amp/--no-amp", " /-A"), "amp", ("--amp",), ("--no-amp", "-A")),
        (("/debug;/no-debug",), "debug", ("/debug",), ("/no-debug",)),
    ],
)
def test_names_and_flags_are_those_that_click_derives(
    declarations: tuple[str, ...], name: str, flags: tuple[str, ...], off_flags: tuple[str, ...]
) -> None:
    assert names(declarations) == (name, flags, off_flags)


@pytest.mark.parametrize("declarations", [(), ("name",), ("--1",), ("",)])
def test_declarations_that_click_would_not_take_crash_nothing(declarations: tuple[str, ...]) -> None:
    found = names(declarations)
    assert found is None or found.flags


def test_a_command_is_called_as_its_function_with_the_older_name_beside_it() -> None:
    assert command_name("train_model") == ("train-model", ())
    assert command_name("train_command") == ("train", ("train-command",))
    assert command_name("command") == ("command", ())


def test_the_type_comes_from_the_default(tmp_path: Path) -> None:
    options = "click.option('--a', default=1)\nclick.option('--b', default=0.5)\nclick.option('--c', default=True)"
    kinds = [(item.name, item.type.name, item.takes) for item in click(options, tmp_path).parameters]
    assert kinds == [("a", "int", "value"), ("b", "float", "value"), ("c", "bool", "value")]


def test_a_required_option_is_not_required_where_the_environment_may_give_it(tmp_path: Path) -> None:
    assert only("click.option('--a', required=True)", tmp_path).required
    assert not only("click.option('--a', required=True, envvar='A')", tmp_path).required
    settings = "context_settings={'auto_envvar_prefix': 'X'}"
    assert not click("click.option('--a', required=True)", tmp_path, settings).parameters[0].required


def test_an_option_that_asks_is_required_since_nobody_can_answer(tmp_path: Path) -> None:
    assert only("click.option('--a', prompt=True, default='x')", tmp_path).required
    assert not only("click.option('--a', prompt=True, prompt_required=False)", tmp_path).required


def test_what_may_be_repeated_counted_and_switched(tmp_path: Path) -> None:
    assert only("click.option('--a', multiple=True)", tmp_path).takes == REPEATED
    assert only("click.option('-v', count=True)", tmp_path).takes == COUNT
    assert only("click.option('--a/--b')", tmp_path).takes == SWITCH
    pair = only("click.option('--a', type=(int, int))", tmp_path)
    assert (pair.takes, pair.at_least, pair.at_most) == (VALUES, 2, 2)
    rest = only("click.argument('files', nargs=-1, required=True)", tmp_path)
    assert (rest.takes, rest.at_least, rest.at_most, rest.positional) == (VALUES, 1, None, True)


def test_a_flag_that_turns_off_has_no_flag_to_turn_it_on(tmp_path: Path) -> None:
    parameter = only("click.option('--cpu', 'gpu', is_flag=True, flag_value=False, default=True)", tmp_path)
    assert (parameter.name, parameter.flags, parameter.off_flags, parameter.default) == ("gpu", (), ("--cpu",), True)


def test_a_flag_whose_meaning_depends_on_the_version_of_click_is_not_given(tmp_path: Path) -> None:
    parameter = only("click.option('--cache', is_flag=True, default=True)", tmp_path)
    assert parameter.type.spell("yes") == "true"
    with pytest.raises(ValueError, match="version"):
        parameter.type.spell("no")


def test_flags_for_the_values_of_one_name_are_switches_of_their_own(tmp_path: Path) -> None:
    options = (
        "click.option('--up', 'to', flag_value='up', default=True)\nclick.option('--down', 'to', flag_value='down')"
    )
    found = [(item.name, item.takes, item.default, item.one_of) for item in click(options, tmp_path).parameters]
    assert found == [("up", SWITCH, True, "to"), ("down", SWITCH, False, "to")]


def test_a_value_that_may_be_left_out_can_not_begin_with_a_dash(tmp_path: Path) -> None:
    parameter = only("click.option('--resume', is_flag=False, flag_value='last')", tmp_path)
    assert parameter.type.spell("x-y") == "x-y"
    with pytest.raises(ValueError, match="begin"):
        parameter.type.spell("-x")


@pytest.mark.parametrize(
    ("declared", "right", "wrong"),
    [
        ("click.IntRange(1, 5)", "5", "6"),
        ("click.IntRange(1, 5, clamp=True)", "1", "0"),
        ("click.FloatRange(0, 1, max_open=True)", "0.99", "1"),
        ("click.FloatRange(min=0)", "inf", "nan"),
        ("click.Choice(['a', 'B'])", "B", "b"),
        ("click.Choice([1, 2])", "2", "+2"),
        ("click.DateTime()", "2024-02-29", "2023-02-29"),
        ("click.UUID", "12345678123456781234567812345678", "1234"),
        ("bool", "yes", "perhaps"),
        ("int", "1_000", "1e3"),
    ],
)
def test_values_are_checked_as_click_does(declared: str, right: str, wrong: str, tmp_path: Path) -> None:
    kind = only(f"click.option('--x', type={declared})", tmp_path).type
    kind.spell(right)
    with pytest.raises(ValueError):
        kind.spell(wrong)


def test_a_choice_in_any_case_is_spelled_as_declared(tmp_path: Path) -> None:
    parameter = only("click.option('--x', type=click.Choice(['SGD', 'adam'], case_sensitive=False))", tmp_path)
    assert (parameter.type.spell("sgd"), parameter.type.spell("ADAM")) == ("SGD", "adam")


def test_an_option_with_an_unknown_name_makes_the_command_incomplete(tmp_path: Path) -> None:
    command = click("click.option('--a')\nclick.option('--' + os.environ['X'])", tmp_path, before="import os")
    assert [item.name for item in command.parameters] == ["a"]
    assert not command.complete


def test_a_library_decorator_that_may_add_options_makes_the_command_incomplete(tmp_path: Path) -> None:
    source = "import click, click_log, torch\n@click.command()\n@{}\ndef main(): pass\nmain()\n"
    assert not read(source.format("click_log.simple_verbosity_option()"), tmp_path).command.complete
    assert read(source.format("torch.no_grad()"), tmp_path).command.complete


def test_a_command_given_to_a_library_is_incomplete(tmp_path: Path) -> None:
    source = "import click, plugins\n@click.group()\ndef main(): pass\nplugins.register(main)\nmain()\n"
    assert not read(source, tmp_path).command.complete


def test_a_group_of_the_projects_own_kind_is_incomplete(tmp_path: Path) -> None:
    source = (
        "import click\nclass Lazy(click.Group):\n    def get_command(self, ctx, name): return load(name)\n"
        "@click.group(cls=Lazy)\n@click.option('--a')\ndef main(a): pass\nmain()\n"
    )
    command = read(source, tmp_path).command
    assert ([item.name for item in command.parameters], command.complete) == (["a"], False)


def test_unknown_options_are_open_only_where_the_script_has_room_for_them(tmp_path: Path) -> None:
    options = "click.option('--a')"
    assert not click(
        options, tmp_path, "context_settings=dict(ignore_unknown_options=True, allow_extra_args=True)"
    ).complete
    assert click(options, tmp_path, "context_settings=dict(ignore_unknown_options=True)").complete
    rest = options + "\nclick.argument('rest', nargs=-1, type=click.UNPROCESSED)"
    assert not click(rest, tmp_path, "context_settings=dict(ignore_unknown_options=True)").complete


def test_an_option_added_under_a_condition_may_not_be_there(tmp_path: Path) -> None:
    source = (
        "import click, os\n@click.command()\n@click.option('--a')\ndef main(**k): pass\n"
        "if os.environ.get('DEBUG'):\n    main = click.option('--trace', is_flag=True)(main)\nmain()\n"
    )
    assert {item.name: item.maybe for item in read(source, tmp_path).command.parameters} == {"a": False, "trace": True}


def test_arguments_that_the_script_gives_itself_are_not_its_command_line(tmp_path: Path) -> None:
    script = tmp_path / "train.py"
    script.write_text("import click\n@click.command()\n@click.option('--a')\ndef main(a): pass\nmain(['--a', '1'])\n")
    assert read_interface(script, tmp_path) is None


def test_defaults_from_the_context_replace_those_of_the_options(tmp_path: Path) -> None:
    options = "click.option('--a', required=True)\nclick.option('--b', default=2)"
    found = click(options, tmp_path, "context_settings={'default_map': {'a': 5}}").parameters
    assert [(item.default, item.required) for item in found] == [(5, False), (2, False)]
    unknown = click(options, tmp_path, "context_settings={'default_map': load()}").parameters
    assert [isinstance(item.default, Unread) for item in unknown] == [True, True]


def test_shared_options_of_another_module_are_read_through_wraps(tmp_path: Path) -> None:
    common = (
        "import click, functools\ndef common(f):\n    @click.option('--seed', type=int)\n    @functools.wraps(f)\n"
        "    def wrapper(*a, **k): return f(*a, **k)\n    return wrapper\n"
    )
    source = (
        "import click\nfrom shared import common\n@click.command()\n@click.option('--lr')\n@common\n"
        "@click.option('--x')\ndef train_it(**k): '''Trains.'''\ntrain_it()\n"
    )
    command = read(source, tmp_path, shared=common).command
    assert (command.name, [item.name for item in command.parameters]) == ("train-it", ["lr", "seed", "x"])


def test_typer_names_its_flags_after_the_arguments(tmp_path: Path) -> None:
    found = typer("data, batch_size: int = 1, amp: bool = False, k: List[int] = [], *, n: float = 1.0", tmp_path)
    assert {name: (item.flags, item.off_flags, item.takes) for name, item in found.items()} == {
        "data": ((), (), "value"),
        "batch_size": (("--batch-size",), (), "value"),
        "amp": (("--amp",), ("--no-amp",), SWITCH),
        "k": (("--k",), (), REPEATED),
        "n": (("--n",), (), "value"),
    }


def test_old_and_annotated_style_of_typer_are_the_same(tmp_path: Path) -> None:
    old = typer("a: int = typer.Option(3, '--aa', '-a', min=1)", tmp_path)["a"]
    new = typer("a: Annotated[int, typer.Option('--aa', '-a', min=1)] = 3", tmp_path)["a"]
    for parameter in (old, new):
        assert (parameter.flags, parameter.default, parameter.required) == (("--aa", "-a"), 3, False)
        with pytest.raises(ValueError, match="1 or more"):
            parameter.type.spell("0")


def test_numbers_reach_typer_in_digits_that_it_knows(tmp_path: Path) -> None:
    found = typer("a: int = 0, b: float = 0", tmp_path)
    assert [found["a"].type.spell(text) for text in ("-5", "1_000", "٣")] == ["-5", "1000", "3"]
    assert [found["b"].type.spell(text) for text in ("1e-4", "1_0.5", "٣", "inf")] == ["1e-4", "10.5", "3.0", "inf"]


def test_an_enum_of_typer_goes_by_its_values(tmp_path: Path) -> None:
    before = "import enum\nclass Size(enum.Enum):\n    small = 's'\n    large = 'l'"
    parameter = typer("size: Size = Size.small", tmp_path, before)["size"]
    assert (parameter.choices, parameter.default) == (("s", "l"), "s")


def test_an_app_with_one_command_has_no_sub_commands(tmp_path: Path) -> None:
    source = "import typer\napp = typer.Typer()\n@app.command()\ndef one(lr: float = 1): pass\n{}\napp()\n"
    alone = read(source.format(""), tmp_path).command
    assert ([item.name for item in alone.parameters], alone.commands) == (["lr"], ())
    with_callback = read(source.format("@app.callback()\ndef main(): pass"), tmp_path).command
    assert [command.name for command in with_callback.commands] == ["one"]


def test_an_app_that_the_project_does_not_have_makes_the_group_incomplete(tmp_path: Path) -> None:
    source = "import typer, plugins\napp = typer.Typer()\napp.add_typer(plugins.app, name='p')\napp()\n"
    assert not read(source, tmp_path).command.complete


def test_a_command_registered_in_one_of_two_branches_is_one_command(tmp_path: Path) -> None:
    source = (
        "import typer, asyncio, functools\n"
        "def waits(f):\n    @functools.wraps(f)\n    def run(*a, **k): return asyncio.run(f(*a, **k))\n    return run\n"
        "class Async(typer.Typer):\n    def command(self, *a, **k):\n        decorator = super().command(*a, **k)\n"
        "        def add(f):\n            if asyncio.iscoroutinefunction(f):\n"
        "                return decorator(waits(f))\n"
        "            return decorator(f)\n        return add\n"
        "app = Async()\n@app.command()\nasync def main(lr: float = 0.1): pass\napp()\n"
    )
    command = read(source, tmp_path).command
    assert ([item.name for item in command.parameters], command.commands) == (["lr"], ())


def test_a_signature_set_by_a_decorator_is_not_guessed(tmp_path: Path) -> None:
    source = (
        "import typer, functools\ndef fields(f):\n    @functools.wraps(f)\n    def run(**k): return f(**k)\n"
        "    run.__signature__ = make()\n    return run\n"
        "@fields\ndef main(config: dict): pass\ntyper.run(main)\n"
    )
    command = read(source, tmp_path).command
    assert (command.parameters, command.complete) == ((), False)


def test_an_option_whose_callback_reads_defaults_fills_what_is_required(tmp_path: Path) -> None:
    before = "def load(ctx, param, value):\n    ctx.default_map = read(value)\n"
    options = "click.option('--config', callback=load, is_eager=True{})\nclick.option('--lr', required=True)"
    command = click(options.format(""), tmp_path, before=before)
    assert (command.filled_by, command.parameters[1].required) == (("--config",), True)
    always = click(options.format(", default='c.yaml'"), tmp_path, before=before).parameters[1]
    assert (always.required, isinstance(always.default, Unread)) == (False, True)


def test_a_module_that_can_not_be_followed_leaves_the_rest_of_a_group(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("runctl.project.parameters.following.interpreter.MOST_STEPS", 2000)
    monkeypatch.setattr("runctl.project.parameters.following.interpreter.EAGER_BYTES", 0)
    source = "import click, endless\n@click.group()\n@click.option('--a')\ndef main(a): pass\nmain()\n"
    command = read(
        source, tmp_path, endless="for i in range(1000):\n    for k in range(1000):\n        print(k)\n"
    ).command
    assert ([item.name for item in command.parameters], command.complete) == (["a"], False)


def test_a_group_that_is_an_object_of_the_projects_own_kind_is_incomplete(tmp_path: Path) -> None:
    source = (
        "import click\nclass Aliased(click.Group):\n    def get_command(self, ctx, name): return find(name)\n"
        "cli = Aliased('cli')\n@cli.command()\n@click.option('--lr')\ndef train(lr): pass\ncli()\n"
    )
    command = read(source, tmp_path).command
    assert ([below.name for below in command.commands], command.complete) == (["train"], False)

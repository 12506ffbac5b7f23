"""typer: `app = typer.Typer()`, `@app.command()`, `typer.run(main)`, as the click commands that typer makes of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.values import Arguments, Function, Instance, Method, Modelled, Unknown
from runctl.project.parameters.frameworks.click.commands import innermost
from runctl.project.parameters.frameworks.click.model import ClickCommand, follow_imports
from runctl.project.parameters.frameworks.typer.parameters import Info, parameters_of

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter


class TyperCommand(ClickCommand):
    """A click command that typer makes."""

    framework = "typer"


class Registered(NamedTuple):
    """A function, or an app, that was made part of an app, and what it was registered with."""

    what: Any
    arguments: Arguments
    maybe: bool = False

    def keyword(self, name: str) -> Any:
        """A keyword that it was registered with; None when it was not given."""
        return self.arguments.keywords.get(name)


class App(Modelled):
    """A `typer.Typer`."""

    def __init__(self, arguments: Arguments) -> None:
        self.own = Registered(arguments.keywords.get("callback"), arguments)
        self.commands: list[Any] = []
        self.groups: list[Any] = []
        self.callback: Registered | None = self.own if self.own.what is not None else None
        self.unread: list[str] = [] if arguments.exact else ["what the app is made with"]

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        methods: dict[str, Callable[[Interpreter, Arguments], Any]] = {
            "command": self._command,
            "callback": self._set_callback,
            "add_typer": self._add_typer,
            "__call__": self.call_app,
        }
        if name in methods:
            return Method(methods[name])
        lists = {"registered_commands": self.commands, "registered_groups": self.groups}
        return lists.get(name, Unknown())

    def set_attribute(self, name: str, value: Any) -> None:
        if name in ("registered_commands", "registered_groups", "registered_callback"):
            self.unread.append(f"{name}, which the script sets")

    def passed_to_library(self) -> None:
        self.unread.append("what a library may add to the app")

    def call(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        return self.call_app(interpreter, arguments)

    def call_app(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        """`app()`: the script parses its command line."""
        self.unread += follow_imports(interpreter)
        return click_command(interpreter, self).parse(interpreter, arguments)

    def _command(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        names = {"name": arguments.positional[0]} if arguments.positional else {}
        with_name = arguments._replace(keywords={**names, **arguments.keywords})
        return self._register(interpreter, with_name, self._keep)

    def _keep(self, registered: Registered) -> None:
        last = self.commands[-1] if self.commands else None
        if isinstance(last, Registered) and _same_function(last.what, registered.what) and registered.maybe:
            # `decorator(function)` in one branch and `decorator(wrapped(function))` in the other
            self.commands.pop()
        self.commands.append(registered)

    def _set_callback(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        return self._register(interpreter, arguments, lambda made: setattr(self, "callback", made))

    def _register(self, interpreter: Interpreter, arguments: Arguments, keep: Callable[[Registered], None]) -> Method:
        def decorate(interpreter: Interpreter, given: Arguments) -> Any:
            function = given.get(0, "f")
            keep(Registered(function, arguments, interpreter.uncertain))
            return function

        return Method(decorate)

    def _add_typer(self, interpreter: Interpreter, arguments: Arguments) -> None:
        self.groups.append(Registered(arguments.get(0, "typer_instance"), arguments, interpreter.uncertain))


def _same_function(one: Any, other: Any) -> bool:
    both = isinstance(one, Function) and isinstance(other, Function)
    return both and innermost(one).node is innermost(other).node


def click_command(interpreter: Interpreter, app: App) -> ClickCommand:
    """The command that typer makes of an app: the only one that it has, or a group."""
    if app.callback is None and not app.groups and len(app.commands) == 1:
        made = _command(app, app.commands[0])
        made.keywords.setdefault("context_settings", app.own.keyword("context_settings") or {})
        made.unread += app.unread
        return made
    return _group(interpreter, app, None)


def _command(app: App, registered: Any) -> ClickCommand:
    if not isinstance(registered, Registered) or not isinstance(registered.what, Function):
        made = TyperCommand("", [], {}, group=False)
        made.unread.append("a command of the app")
        return made
    function = innermost(registered.what)
    name = registered.keyword("name")
    derived = function.name.lower().replace("_", "-")
    known_name = name if isinstance(name, str) and name else derived
    made = TyperCommand(known_name, [], registered.arguments.keywords, group=False)
    if name is not None and not isinstance(name, str):
        made.unread.append(f"the name of {derived}")
    return _with_function(made, registered)


def _with_function(made: ClickCommand, registered: Registered) -> ClickCommand:
    made.unread += [] if registered.arguments.exact else [f"what {made.name or 'the app'} is made with"]
    if isinstance(registered.what, Function):
        made.callback = registered.what
        if _shows_another_signature(registered.what):
            made.unread.append(f"the signature that a decorator gives {made.name or 'the app'}")
        else:
            made.parameters = list(parameters_of(innermost(registered.what), registered.maybe))
    elif registered.what is not None:
        made.unread.append(f"the function of {made.name or 'the app'}")
    return made


def _shows_another_signature(function: Function) -> bool:
    is_wrapper = innermost(function) is not function or any(item.kind in ("*", "**") for item in function.arguments)
    return is_wrapper and "__signature__" in function.scope.module.source


def _group(interpreter: Interpreter, app: App, added: Registered | None) -> ClickCommand:
    """An app with sub-commands. What `add_typer` says counts most, then its callback, then `Typer()` itself."""
    sources = [source for source in (added, app.callback, app.own) if source is not None]
    keywords: dict[str, Any] = {}
    for source in reversed(sources):
        keywords.update(source.arguments.keywords)
    name = keywords.get("name")
    made = TyperCommand(name if isinstance(name, str) else "", [], keywords, group=True)
    callback = added if added is not None and added.keyword("callback") is not None else app.callback
    if callback is not None:
        function = callback.keyword("callback") if callback is added else callback.what
        _with_function(made, callback._replace(what=function))
    made.unread += app.unread
    made.commands = {}
    for registered in app.commands:
        command = _command(app, registered)
        if command.name:
            made.commands[command.name] = command
        else:
            made.unread += command.unread
    for registered in app.groups:
        _add_group(interpreter, made, registered)
    if interpreter.doubtful(app.commands) or interpreter.doubtful(app.groups):
        made.unread.append("commands of the app")
    return made


def _add_group(interpreter: Interpreter, made: ClickCommand, registered: Any) -> None:
    below = as_app(registered.what) if isinstance(registered, Registered) else None
    name = registered.keyword("name") if below is not None else None
    if below is None or made.commands is None or not (name is None or isinstance(name, str)):
        made.unread.append("an app that is added")
        return
    group = _group(interpreter, below, registered)
    if group.name:
        made.commands[group.name] = group
    else:
        # typer puts the commands of an app without a name into the one that it is added to
        made.commands.update(group.commands or {})


def as_app(value: Any) -> App | None:
    """The app that a value is, also as an object of a class of the project; None when it is none."""
    if isinstance(value, Instance):
        value = value.modelled
    return value if isinstance(value, App) else None


def _app(interpreter: Interpreter, arguments: Arguments) -> Any:
    return App(arguments)


def _run(interpreter: Interpreter, arguments: Arguments) -> Any:
    app = App(Arguments())
    app.commands.append(Registered(arguments.get(0, "function"), Arguments()))
    return app.call(interpreter, Arguments())


def _get_command(interpreter: Interpreter, arguments: Arguments) -> Any:
    app = as_app(arguments.get(0, "typer_instance"))
    return Unknown() if app is None else click_command(interpreter, app)


def _get_group(interpreter: Interpreter, arguments: Arguments) -> Any:
    app = as_app(arguments.get(0, "typer_instance"))
    return Unknown() if app is None else _group(interpreter, app, None)


def _option(interpreter: Interpreter, arguments: Arguments) -> Any:
    return Info(arguments, positional=False)


def _argument(interpreter: Interpreter, arguments: Arguments) -> Any:
    return Info(arguments, positional=True)


FOREIGN: dict[str, Callable[[Interpreter, Arguments], Any]] = {
    "typer.Typer": _app,
    "typer.main.Typer": _app,
    "typer.run": _run,
    "typer.main.run": _run,
    "typer.main.get_command": _get_command,
    "typer.main.get_group": _get_group,
    "typer.Option": _option,
    "typer.params.Option": _option,
    "typer.Argument": _argument,
    "typer.params.Argument": _argument,
}

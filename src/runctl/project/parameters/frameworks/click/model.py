"""click's commands and groups, as far as they say what a command line may hold."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING, Any, NamedTuple

from runctl.project.parameters.following.values import (
    Arguments,
    Class,
    Foreign,
    Function,
    Instance,
    Modelled,
    Unknown,
    known,
)
from runctl.project.parameters.frameworks.click.parameters import Declared, default_of
from runctl.project.parameters.model import VALUES, Command, Interface, OwnSyntax, Parameter, Unread

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

# methods by which a class of the project may take other options or commands than were declared
_READING = ("make_parser", "parse_args", "make_context", "get_params", "main", "__init__")
_COMMANDS = ("get_command", "resolve_command")
_LIBRARIES = ("click.", "rich_click.", "asyncclick.", "typer.")
# libraries whose decorators may add options
_RELATED = ("click", "typer", "cloup", "option")


class _Context(NamedTuple):
    """What holds for a command and those below it: whether click looks for an environment variable for each option,
    and the defaults that replace those of the options (`default_map`), None for none."""

    automatic: bool = False
    defaults: Any = None

    def below(self, name: str) -> _Context:
        return self._replace(defaults=self.defaults.get(name) if isinstance(self.defaults, dict) else self.defaults)


class ClickCommand(Modelled):
    """A command; a group when `commands` is not None.

    `parameters` are Declared, in the order in which click has them; the script may put anything else among them.
    `keywords` are what the command was made with. `unread` says what could not be read of it, for people.
    """

    framework = "click"

    def __init__(self, name: str, parameters: list[Any], keywords: dict[str, Any], group: bool) -> None:
        self.name = name
        self.parameters = parameters
        self.keywords = dict(keywords)
        self.commands: dict[str, Any] | None = {} if group else None
        self.sources: list[Any] = []
        self.callback: Any = None
        self.aliases: tuple[str, ...] = ()
        self.unread: list[str] = []

    def attribute(self, interpreter: Interpreter, name: str) -> Any:
        from runctl.project.parameters.frameworks.click.commands import method

        plain = {
            "params": self.parameters,
            "name": self.name,
            "commands": self.commands,
            "callback": self.callback,
            "context_settings": self.keywords.setdefault("context_settings", {}),
        }
        return plain[name] if name in plain else method(self, name)

    def set_attribute(self, name: str, value: Any) -> None:
        if name == "params":
            self.parameters = value if isinstance(value, list) else [value]
        else:
            self.keywords[name] = value

    def belongs_to(self, interpreter: Interpreter, instance: Instance) -> None:
        self.keywords.setdefault("cls", instance.kind)

    def passed_to_library(self) -> None:
        self.unread.append(f"what a library may add to {self._shown}")

    def call(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        return self.parse(interpreter, arguments)

    def parse(self, interpreter: Interpreter, arguments: Arguments) -> Any:
        """`main(args=None, …)`: the script parses its command line, unless it says what to parse instead of it."""
        given = arguments.get(0, "args")
        if given is not None and known(given):
            return Unknown()
        if self.commands is not None:
            self.unread += follow_imports(interpreter)
        context = _Context(
            arguments.keywords.get("auto_envvar_prefix") is not None, arguments.keywords.get("default_map")
        )
        interpreter.found(
            Interface(self.framework, self.read(interpreter, context), syntax=OwnSyntax(negative_words=False))
        )
        return Unknown()

    @property
    def _shown(self) -> str:
        return self.name or "the script"

    def read(self, interpreter: Interpreter, context: _Context) -> Command:
        """The command as it stands; what could not be read of it is noted."""
        # what others do to the command may take away what it requires
        others = [*self.unread, *self._own_ways(), *self._strange_decorators(interpreter)]
        notes = [*others]
        settings = self.keywords.get("context_settings") or {}
        if not isinstance(settings, dict) or interpreter.doubtful(settings):
            notes.append(f"the settings of {self._shown}")
            settings = {}
        context = _Context(
            context.automatic or settings.get("auto_envvar_prefix") is not None,
            settings.get("default_map", context.defaults),
        )
        declared = self._declared(interpreter, notes)
        filling = [item for item in declared if item.fills and item.parameter is not None]
        if any(item.parameter and item.parameter.default is not None for item in filling):
            context = context._replace(defaults=Unknown())
        parameters = [_in_context(item, context, not others) for item in declared]
        if self._takes_anything(settings, parameters):
            notes.append(f"{self._shown} takes options that it does not declare")
        commands = self._read_commands(interpreter, context, notes)
        for note in notes:
            interpreter.note(note)
        return Command(
            name=self.name,
            parameters=tuple(parameters),
            commands=commands,
            command_required=bool(commands) and not others and self._needs_command(),
            complete=not notes,
            chained=self.keywords.get("chain", False) is not False,
            aliases=self.aliases,
            filled_by=tuple(flag for item in filling if item.parameter for flag in item.parameter.flags),
        )

    def _needs_command(self) -> bool:
        return self.keywords.get("invoke_without_command", False) is False

    def _own_ways(self) -> list[str]:
        cls = self.keywords.get("cls")
        if isinstance(cls, Class) and any(isinstance(cls.lookup(name), Function) for name in (*_READING, *_COMMANDS)):
            return [f"{cls.name}, the project's own kind of command"]
        strange = isinstance(cls, Unknown) or (isinstance(cls, Foreign) and not cls.name.startswith(_LIBRARIES))
        return [f"a library's kind of command, which {self._shown} is"] if strange else []

    def _strange_decorators(self, interpreter: Interpreter) -> list[str]:
        if not isinstance(self.callback, Function) or isinstance(self.callback.node, ast.Lambda):
            return []
        names = [_library_name(interpreter, node, self.callback) for node in self.callback.node.decorator_list]
        return [
            f"what {name} adds to {self._shown}"
            for name in names
            if name not in interpreter.foreign and any(word in name.lower() for word in _RELATED)
        ]

    def _declared(self, interpreter: Interpreter, notes: list[str]) -> list[Declared]:
        read = [item for item in self.parameters if isinstance(item, Declared) and item.parameter is not None]
        if len(read) < len(self.parameters) or interpreter.doubtful(self.parameters):
            notes.append(f"an option of {self._shown} whose name is known when it runs")
        return read

    def _takes_anything(self, settings: dict[str, Any], parameters: list[Parameter]) -> bool:
        if self.commands is not None or settings.get("ignore_unknown_options", False) is False:
            return False
        return settings.get("allow_extra_args", False) is not False or any(
            parameter.positional and parameter.takes == VALUES and parameter.at_most is None for parameter in parameters
        )

    def _read_commands(self, interpreter: Interpreter, context: _Context, notes: list[str]) -> tuple[Command, ...]:
        if self.commands is None:
            return ()
        found = self._all_commands(interpreter, notes).items()
        # a command goes by the name under which it was added
        commands = [command.read(interpreter, context.below(name))._replace(name=name) for name, command in found]
        if self.keywords.get("chain", False) is not False:
            notes.append(f"commands of {self._shown} may follow one another; only the first is checked")
            commands = [command._replace(complete=False) for command in commands]
        return tuple(commands)

    def _all_commands(self, interpreter: Interpreter, notes: list[str]) -> dict[str, ClickCommand]:
        found: dict[str, ClickCommand] = {}
        for name, value in (self.commands or {}).items():
            command = as_command(value)
            if command is None or not isinstance(name, str):
                notes.append(f"a command of {self._shown}")
            else:
                found[name] = command
        for source in map(as_command, self.sources):
            if source is None:
                notes.append(f"commands that {self._shown} gathers")
            else:
                found = {**source._all_commands(interpreter, notes), **found}
        if self.commands and interpreter.doubtful(self.commands):
            notes.append(f"the commands of {self._shown}")
        return found


def follow_imports(interpreter: Interpreter) -> list[str]:
    """Follows the imports that were put off, which may add commands. Returns what was left out, for people."""
    from runctl.project.parameters.following.interpreter import GaveUp

    try:
        interpreter.import_all()
    except (GaveUp, RecursionError):
        return ["commands of modules that are too complex to be followed"]
    return []


def as_command(value: Any) -> ClickCommand | None:
    """The command that a value is, also as an object of a class of the project; None when it is none."""
    model = value.modelled if isinstance(value, Instance) else value
    return model if isinstance(model, ClickCommand) else None


def _in_context(item: Declared, context: _Context, strict: bool) -> Parameter:
    """The parameter as it is in its command; nothing is required unless `strict`."""
    assert item.parameter is not None
    parameter = item.parameter
    by_environment = item.environment or (context.automatic and item.automatic and not parameter.positional)
    required = strict and (parameter.required or item.asks) and not by_environment
    if context.defaults is None or (isinstance(context.defaults, dict) and parameter.name not in context.defaults):
        return parameter._replace(required=required)
    default = default_of(context.defaults[parameter.name]) if isinstance(context.defaults, dict) else Unread()
    return parameter._replace(required=False, default=default)


def _library_name(interpreter: Interpreter, decorator: ast.expr, function: Function) -> str:
    """The full name of the library's function that a decorator is, or is made by; "" for the project's own."""
    maker = decorator.func if isinstance(decorator, ast.Call) else decorator
    if any(isinstance(node, ast.Call) for node in ast.walk(maker)):
        return ""
    value = interpreter.evaluate(maker, function.scope)
    return value.name if isinstance(value, Foreign) else ""

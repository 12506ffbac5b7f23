"""What words give to a parser that is not argparse: `--flag value`, `--flag=value`, `-f value`, `key=value`."""

from __future__ import annotations

from collections.abc import Sequence

from runctl.project.parameters.model import (
    COUNT,
    OVERRIDE,
    REPEATED,
    SWITCH,
    VALUES,
    Command,
    OwnSyntax,
    Parameter,
    Received,
)
from runctl.project.parameters.types import truth


class _Refused(Exception):
    pass


def receive(command: Command, syntax: OwnSyntax, words: Sequence[str], whole: bool) -> Received:
    """What the script's parser makes of `words`; unless `whole`, nothing is missed that is required."""
    scan = _Scan(command, syntax, list(words))
    problem = missing = None
    try:
        scan.all()
        scan.place()
        missing = scan.missing() if whole else None
    except _Refused as error:
        problem = str(error)
    values = tuple((parameter, tuple(given)) for parameter, given in scan.given)
    return Received(tuple(scan.path), values, problem or missing, missing is not None)


class _Scan:
    """One pass over the words."""

    def __init__(self, command: Command, syntax: OwnSyntax, words: list[str]) -> None:
        self.syntax = syntax
        self.loose: list[str] = []
        self.command = command
        self.commands = [self.command]
        self.words = words
        self.path: list[str] = []
        self.given: list[tuple[Parameter, list[str]]] = []

    def all(self) -> None:
        while self.words:
            word = self.words.pop(0)
            if word == "--":
                while self.words:
                    self.loose.append(self.words.pop(0))
            elif self._is_flag(word) or (len(word) > 1 and word.startswith("-")):
                self._flag(word)
            elif not self._override(word) and not self._descend(word):
                self.loose.append(word)

    def place(self) -> None:
        """Gives the words that stand for themselves to the parameters that they are for."""
        if not self.syntax.words_fill:
            self._assign()
        elif not self.command.commands:
            unset = [parameter for parameter in self.command.parameters if not self._has(parameter)]
            for parameter, word in zip(unset, self.loose, strict=False):
                self._record(parameter, [word])

    def missing(self) -> str | None:
        """What the parser would miss."""
        if any(flag for command in self.commands for flag in command.filled_by if self._was_given(flag)):
            return None
        names = [
            _shown(parameter)
            for command in self.commands
            for parameter in command.parameters
            if parameter.required and not parameter.maybe and not self._has(parameter)
        ]
        if names:
            return f"the following arguments are required: {', '.join(names)}"
        if self.command.commands and self.command.command_required:
            return f"a command is required: {', '.join(sub.name for sub in self.command.commands)}"
        return None

    def _has(self, parameter: Parameter) -> bool:
        return any(given is parameter for given, _ in self.given)

    def _was_given(self, flag: str) -> bool:
        return any(flag in parameter.flags for parameter, _ in self.given)

    def _flag(self, word: str) -> None:
        flag, equals, value = word.partition("=")
        found = self._find(flag)
        if found is None and self.syntax.own_flags is not None:
            return self._frameworks_own(flag, bool(equals))
        if found is None and not word.startswith("--") and len(word) > 2:
            return self._short(word)
        if found is None:
            if self._knows_all():
                raise _Refused(f"unrecognized arguments: {word}")
            return None
        self._take(found, flag, value if equals else None)
        return None

    def _knows_all(self) -> bool:
        """Whether a flag that is not known here is none of the script's."""
        return not self.syntax.lenient and all(command.complete for command in self.commands)

    def _frameworks_own(self, flag: str, has_value: bool) -> None:
        """An option of the framework itself, which every script has that uses it."""
        if flag in (self.syntax.own_flags or ()) and not has_value and self.words:
            self.words.pop(0)

    def _short(self, word: str) -> None:
        """`-n5`, `-vv`."""
        found = self._find(word[:2])
        if found is None:
            if self._knows_all() and not (word[1:2].isdigit() and self.syntax.negative_words):
                raise _Refused(f"unrecognized arguments: {word}")
            self.loose.append(word)
            return
        if found.takes in (SWITCH, COUNT):
            self._take(found, word[:2], None)
            self.words.insert(0, "-" + word[2:])
        else:
            self._take(found, word[:2], word[2:])

    def _take(self, parameter: Parameter, flag: str, value: str | None) -> None:
        if flag in parameter.off_flags:
            self._record(parameter, ["false"])
        elif parameter.takes == SWITCH:
            self._record(parameter, ["true" if value is None or _is_true(value) else "false"])
        elif parameter.takes == COUNT:
            self._record(parameter, ["1"], more=True)
        elif parameter.takes == VALUES and value is None:
            self._record(parameter, self._several(parameter))
        elif value is None and parameter.at_least == 0 and (not self.words or self._is_flag(self.words[0])):
            self._record(parameter, [])
        elif value is None and not self.words:
            raise _Refused(f"{flag} needs a value")
        else:
            self._record(parameter, [self.words.pop(0) if value is None else value], parameter.takes == REPEATED)

    def _several(self, parameter: Parameter) -> list[str]:
        taken: list[str] = []
        while self.words and (parameter.at_most is None or len(taken) < parameter.at_most):
            if parameter.at_least != parameter.at_most and self._is_flag(self.words[0]):
                break
            taken.append(self.words.pop(0))
        if len(taken) < parameter.at_least:
            raise _Refused(f"{_shown(parameter)} needs {parameter.at_least} values")
        return taken

    def _is_flag(self, word: str) -> bool:
        return self._find(word.partition("=")[0]) is not None

    def _record(self, parameter: Parameter, words: list[str], more: bool = False) -> None:
        for index, (known, given) in enumerate(self.given):
            if known is parameter:
                self.given[index] = (parameter, given + words if more else words)
                return
        self.given.append((parameter, words))

    def _find(self, flag: str) -> Parameter | None:
        spellings = {flag}
        if self.syntax.any_dashes and flag.startswith("-"):
            bare = flag.lstrip("-")
            spellings = {f"-{bare}", f"--{bare}"}
        command: Command
        for command in reversed(self.commands):
            for parameter in command.parameters:
                if parameter.takes != OVERRIDE and spellings & {*parameter.flags, *parameter.off_flags}:
                    return parameter
        return None

    @property
    def _overrides(self) -> set[str]:
        return {
            flag for parameter in self.command.parameters if parameter.takes == OVERRIDE for flag in parameter.flags
        }

    def _override(self, word: str) -> bool:
        key, equals, value = word.partition("=")
        if not equals:
            return False
        if self.syntax.own_flags is not None and key.startswith(("+", "~")) and key.lstrip("+~") not in self._overrides:
            return True
        for parameter in self.command.parameters:
            if parameter.takes == OVERRIDE and key.lstrip("+") in parameter.flags:
                self._record(parameter, [value])
                return True
        return False

    def _descend(self, word: str) -> bool:
        places = [parameter for parameter in self.command.parameters if parameter.positional]
        if len(self.loose) < len(places) and not self.syntax.words_fill:
            return False
        for sub in self.command.commands:
            if word in (sub.name, *sub.aliases):
                if not self.syntax.words_fill:
                    self._assign()
                self.command = sub
                self.commands.append(sub)
                self.path.append(sub.name)
                return True
        return False

    def _assign(self) -> None:
        """Gives the words that have a place to the parameters that have it: the first ones, the last ones, and those
        between to the one that takes many."""
        places = [parameter for parameter in self.command.parameters if parameter.positional]
        words, self.loose = self.loose, []
        many = next((index for index, place in enumerate(places) if place.at_most is None), len(places))
        for place in places[:many]:
            words = self._taken(place, words)
        after = sum(place.at_most or 0 for place in places[many + 1 :])
        if many < len(places):
            cut = max(0, len(words) - after)
            if words[:cut]:
                self._record(places[many], words[:cut])
            words = words[cut:]
        for place in places[many + 1 :]:
            words = self._taken(place, words)
        if words and self.command.complete and not self.syntax.extra_words:
            raise _Refused(f"unrecognized arguments: {words[0]}")

    def _taken(self, place: Parameter, words: list[str]) -> list[str]:
        """The words that are left when `place` has taken its own."""
        count = place.at_most or 0
        if words[:count]:
            self._record(place, words[:count])
        return words[count:]


def _is_true(text: str) -> bool:
    try:
        return truth(text)
    except ValueError:
        return True


def _shown(parameter: Parameter) -> str:
    return parameter.flags[0] if parameter.flags else parameter.name

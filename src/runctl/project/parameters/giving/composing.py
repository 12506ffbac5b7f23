"""The command line that gives a script the hyperparameters that its user means, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from runctl.core.errors import RefusedError
from runctl.core.text import printable
from runctl.project.hyperparams import Given
from runctl.project.parameters.giving import describing, keys, plain, rebuilding, scanning
from runctl.project.parameters.giving.spelling import Wanted, agree, wanted
from runctl.project.parameters.model import Command, Interface, OwnSyntax, Received


class Composed(NamedTuple):
    """`args` for the script; `hyperparams` that they give it and the `defaults` of those that they don't, by name,
    as JSON has them; and what its user should know."""

    args: list[str]
    hyperparams: dict[str, Any]
    defaults: dict[str, Any]
    warnings: list[str]


def compose(interface: Interface | None, given: Mapping[str, Given], args: Sequence[str], script: str) -> Composed:
    """The arguments that give `script`, with what was read of its parser, `given` beside `args`.

    Raises RefusedError when a hyperparameter is not one of the script's, can't have that value, contradicts `args`,
    or when the script would refuse the whole. Without `given`, what the script would refuse is a warning.
    """
    if interface is None:
        return _unchecked(given, list(args), script)
    before = receive(interface, args, whole=False)
    composer = _Composer(interface, list(args), before, script)
    if not given:
        received = receive(interface, args)
        return composer.composed(list(args), before, composer.complaints(received))
    meant, unchecked = composer.meant(given)
    extra = plain.words(unchecked, plain.style_of(interface))
    words = composer.arranged_so_that_it_works(meant, extra)
    warnings = [composer.unchecked(key) for key in unchecked]
    return composer.composed(words, receive(interface, words, whole=False), warnings)


def receive(interface: Interface, words: Sequence[str], whole: bool = True) -> Received:
    """What the script's parser makes of `words`; with `whole` false nothing is missed that is required."""
    if isinstance(interface.syntax, OwnSyntax):
        return scanning.receive(interface.command, interface.syntax, words, whole)
    return rebuilding.receive(interface.command, interface.syntax, words, whole)


class _Composer:
    """Puts hyperparameters beside the arguments that the user gave. `before` is what these give alone."""

    def __init__(self, interface: Interface, args: list[str], before: Received, script: str) -> None:
        self.interface = interface
        self.args = args
        self.before = before
        self.script = script
        self.levels = [interface.command]
        for name in before.path:
            self.levels.append(_named(self.levels[-1], name))
        self._always_joined = isinstance(interface.syntax, OwnSyntax) and interface.syntax.joined
        self._open_prefixes = tuple(prefix for level in self.levels for prefix in level.open_prefixes)
        self.unread = ""
        if not all(level.complete for level in self.levels):
            self.unread = printable(next(iter(interface.notes), "not all of its parser could be read"))

    def meant(self, given: Mapping[str, Given]) -> tuple[list[Wanted], dict[str, Given]]:
        """What is to be given beside the arguments, and what can't be checked. Raises RefusedError."""
        self._refuse_several_commands()
        meant: list[Wanted] = []
        unchecked: dict[str, Given] = {}
        for key, value in given.items():
            level, found = self._find(key)
            if found is None and (self.unread or key.startswith(self._open_prefixes)):
                unchecked[key] = value
            elif found is None:
                raise self._no_such(key)
            else:
                meant.append(wanted(key, value, found, level, self.script))
        for index, item in enumerate(meant):
            self._refuse_contradiction(item, meant[:index])
        present = [parameter for parameter, _ in self.before.values]
        new = [item for item in meant if item.words is not None and item.parameter not in present]
        return list({id(item.parameter): item for item in new}.values()), unchecked

    def arranged_so_that_it_works(self, meant: list[Wanted], unchecked: list[str]) -> list[str]:
        """The arguments, in one of the orders and spellings there are, from which the script's parser gets what is
        meant; where not all of it is known, the usual ones if none can be shown to work. Raises RefusedError."""
        expected = {id(item.parameter): item.words for item in meant}
        expected.update({id(parameter): words for parameter, words in self.before.values})
        tried: list[tuple[list[str], Received]] = []
        for joined in (True,) if self._always_joined else (False, True):
            for first in (False, True):
                words = self._arranged(meant, unchecked, joined, first)
                after = receive(self.interface, words)
                received = {id(parameter): given for parameter, given in after.values}
                if after.path == self.before.path and not after.problem and received == expected:
                    return words
                tried.append((words, after))
        if self.unread:
            for words, after in tried:
                if not after.missing:
                    return words
        problem = next((after.problem for _, after in tried if after.problem), None)
        why = printable(problem or "it reads them otherwise")
        message = f"{self.script} would refuse these arguments: {self._blamed(meant)}{why}"
        raise RefusedError(message, hint=keys.see(self.script))

    def _blamed(self, meant: list[Wanted]) -> str:
        """The hyperparameters that can't be given even alone."""
        keys_alone = [
            item.key
            for item in meant
            if all(
                (item.parameter, item.words)
                not in receive(self.interface, self._arranged([item], [], joined, True), whole=False).values
                for joined in (False, True)
            )
        ]
        return "".join(f"{printable(key)}: " for key in keys_alone)

    def unchecked(self, key: str) -> str:
        """That a key is passed on as it is, and why; what it may be a slip for is named."""
        near = keys.nearest(key, [parameter for level in self.levels for parameter in level.parameters])
        slip = f"; did you mean {printable(' or '.join(near))}?" if near else ""
        why = self.unread or "it is the script's own"
        return f"{self.script}: {printable(key)} is not checked: {why}{slip}"

    def complaints(self, received: Received) -> list[str]:
        """What the script would say against its arguments as they are."""
        whole_files = self.interface.command.whole_files
        one_file = bool(whole_files) and len(self.args) == 1 and self.args[0].endswith(whole_files)
        if received.problem is None or one_file or self.unread:
            return []
        return [f"{self.script} would refuse these arguments: {printable(received.problem)}"]

    def composed(self, args: list[str], received: Received, warnings: list[str]) -> Composed:
        """The result, described."""
        given = describing.given_values(received)
        return Composed(args, given, describing.defaults(self.levels, received), warnings)

    def _find(self, key: str) -> tuple[int, keys.Meant | None]:
        """The parameter that a key means, of the innermost command that has it."""
        for level in reversed(range(len(self.levels))):
            found = keys.find(key, self.levels[level].parameters)
            if found:
                return level, found
        return 0, None

    def _no_such(self, key: str) -> RefusedError:
        message = f'{self.script} has no parameter "{printable(key)}"'
        others = [
            " ".join(path)
            for path, command in self.interface.command.walk()
            if command not in self.levels and keys.find(key, command.parameters)
        ]
        if others:
            hint = f"its command {' or '.join(others[:3])} has one; name it after --: -- {others[0]}"
            return RefusedError(message, hint=printable(hint))
        near = keys.nearest(key, [parameter for level in self.levels for parameter in level.parameters])
        hint = f"did you mean {' or '.join(near)}?" if near else keys.see(self.script)
        return RefusedError(message, hint=printable(hint))

    def _refuse_several_commands(self) -> None:
        """Of several commands in a row it would not be clear which one a hyperparameter is for."""
        for level in self.levels:
            named = [word for word in self.args if any(word in (sub.name, *sub.aliases) for sub in level.commands)]
            if level.chained and len(named) > 1:
                message = f"hyperparameters for several commands at once: {printable(', '.join(named))}"
                raise RefusedError(message, hint="give them among the script's arguments, after --")

    def _refuse_contradiction(self, item: Wanted, others: list[Wanted]) -> None:
        for other in others:
            same = other.parameter.target == item.parameter.target
            if same and not agree(item.parameter, other.words, item.words):
                message = f'"{printable(other.key)}" and "{printable(item.key)}" set one thing, to two values'
                raise RefusedError(message, hint="leave one of them out")
        for parameter, words in self.before.values:
            # two flags of one name set one value, whichever comes last
            if parameter.target == item.parameter.target and not agree(parameter, words, item.words):
                meant = "its default" if item.words is None else " ".join(item.words)
                raise _given_twice(item.key, meant, " ".join(words))

    def _arranged(self, meant: list[Wanted], unchecked: list[str], joined: bool, first: bool) -> list[str]:
        """Each command's words: its name, then the user's own and the new ones, or (`first`) the other way round."""
        new: dict[int, list[str]] = {}
        for item in meant:
            if not item.parameter.positional:
                new.setdefault(item.level, []).extend(item.emitted(joined, self._always_joined))
        new.setdefault(len(self.before.path), []).extend(unchecked)
        for level, words in self._placed(meant).items():
            # a word that looks like a flag is one unless `--` stands before it
            new.setdefault(level, []).extend(["--", *words] if joined else words)
        cuts = self._cuts()
        arranged: list[str] = []
        for level, (start, end) in enumerate(zip([0, *cuts], [*cuts, len(self.args)], strict=True)):
            own = self.args[start:end]
            name, own = (own[:1], own[1:]) if level else ([], own)
            added = new.get(level, [])
            arranged += [*name, *added, *own] if first else [*name, *own, *added]
        return arranged

    def _placed(self, meant: list[Wanted]) -> dict[int, list[str]]:
        """The words of positional parameters, in the order in which the parser has them."""
        placed: dict[int, list[str]] = {}
        for level, command in enumerate(self.levels):
            for parameter in command.parameters:
                for item in meant:
                    if parameter.positional and item.parameter is parameter:
                        placed.setdefault(level, []).extend(item.emitted(False))
        return placed

    def _cuts(self) -> list[int]:
        """Where in the user's arguments each sub-command's name stands."""
        cuts: list[int] = []
        for level in self.levels[1:]:
            begin = cuts[-1] + 1 if cuts else 0
            names = (level.name, *level.aliases)
            cuts.append(next(index for index in range(begin, len(self.args)) if self.args[index] in names))
        return cuts


def _named(command: Command, name: str) -> Command:
    return next(sub for sub in command.commands if sub.name == name)


def _unchecked(given: Mapping[str, Given], args: list[str], script: str) -> Composed:
    """By the plain rule, for a script whose parser could not be read."""
    present = plain.flags_in(args)
    for key, value in given.items():
        for other in present.get(plain.comparable(key), []):
            if other != value.text:
                raise _given_twice(key, value.text or "null", other)
    new = {key: value for key, value in given.items() if plain.comparable(key) not in present}
    warnings = [f"{script}: no parser could be read, so that its hyperparameters are not checked"] if given else []
    return Composed([*args, *plain.words(new)], {key: value.text for key, value in given.items()}, {}, warnings)


def _given_twice(key: str, meant: str, other: str) -> RefusedError:
    message = f'"{printable(key)}" is given twice: {printable(meant)} as a hyperparameter, {printable(other)} in the'
    return RefusedError(f"{message} script's arguments", hint="leave one of them out")

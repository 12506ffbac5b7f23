"""What a script can be told: its parameters, as its own parser has them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

# how a parameter takes what it is given
VALUE = "value"  # --lr 0.1
VALUES = "values"  # --sizes 1 2 3: several words after one flag
REPEATED = "repeated"  # --tag a --tag b: the flag once for each value
SWITCH = "switch"  # --amp, and --no-amp where there is one
COUNT = "count"  # -v -v
OVERRIDE = "override"  # lr=0.1, as Hydra has it
REST = "rest"  # all words from the first one that belongs to nothing else


class ValueType(NamedTuple):
    """A type of value. `spell` turns what the user wrote into the text that makes the script's parser arrive at
    it (`false` into whatever this parser takes for false), and raises ValueError saying what would be right.
    `none` is the text for Python's None, where the parser has one."""

    name: str
    spell: Callable[[str], str]
    none: str | None = None


class Unread(NamedTuple):
    """A default that can't be known without running the script; `text` is its source, as far as there is one."""

    text: str = ""


class Parameter(NamedTuple):
    """One thing a script can be told.

    `name` is what the script calls it. `flags` are the words that set it, the preferred one first, spelled as the
    script spells them; none for a positional one. `off_flags` turn a switch off. `keys` are further names by
    which a user may mean it. `at_least` and `at_most` bound the number of values of a VALUES parameter (None: no
    bound). `choices` are texts as `type.spell` gives them. `default` is a value of Python's literals or Unread.
    `maybe` marks one that only exists under conditions that are known when the script runs. Of several that have
    the same `one_of`, at most one may be given. `sets` is what it sets, if that is not its name: of several that
    set one thing, the last one wins.
    """

    name: str
    type: ValueType
    flags: tuple[str, ...] = ()
    off_flags: tuple[str, ...] = ()
    takes: str = VALUE
    at_least: int = 1
    at_most: int | None = 1
    default: Any = None
    choices: tuple[str, ...] | None = None
    required: bool = False
    help: str = ""
    keys: tuple[str, ...] = ()
    maybe: bool = False
    one_of: str = ""
    sets: str = ""

    @property
    def target(self) -> str:
        """What it sets."""
        return self.sets or self.name

    @property
    def positional(self) -> bool:
        """Whether it is set by its place on the command line."""
        return not self.flags and not self.off_flags


class Syntax(NamedTuple):
    """How words become parameters in argparse, as far as scripts may choose.

    `lenient`: words that it does not know are passed over (parse_known_args). `file_line` makes words of a line of
    a file that is named in place of words; None: a line is a word.
    """

    prefix_chars: str = "-"
    file_prefix_chars: str = ""
    abbreviations: bool = True
    lenient: bool = False
    file_line: Callable[[str], list[str]] | None = None


class Command(NamedTuple):
    """A command line: its parameters, and the sub-commands one of which may follow; of `chained` ones several may.

    `complete` says whether all of its parameters were read: only then is a name that is not among them wrong. Keys that
    begin with one of `open_prefixes` are the script's own all the same. `one_required` names the groups
    (`Parameter.one_of`) of which one must be given. `filled_by` are flags that name a file of settings: when one of
    them is used, nothing else is known to be missing. `whole_files` are the suffixes of a file that may be given in
    place of everything. A sub-command may have a `syntax` of its own.
    """

    name: str = ""
    parameters: tuple[Parameter, ...] = ()
    commands: tuple[Command, ...] = ()
    command_required: bool = False
    complete: bool = True
    aliases: tuple[str, ...] = ()
    one_required: tuple[str, ...] = ()
    filled_by: tuple[str, ...] = ()
    whole_files: tuple[str, ...] = ()
    open_prefixes: tuple[str, ...] = ()
    chained: bool = False
    syntax: Syntax | None = None

    def walk(self) -> Iterator[tuple[tuple[str, ...], Command]]:
        """This command and all below it, each with the names that lead to it."""
        yield (), self
        for command in self.commands:
            for path, below in command.walk():
                yield (command.name, *path), below


class OwnSyntax(NamedTuple):
    """How words become parameters in a parser that is not argparse's.

    `joined`: only `--flag=value` is sure to be read as it is meant. `any_dashes`: `-flag` and `--flag` are one.
    `negative_words`: a word such as -5 is no flag. `extra_words`: words without a flag that are no parameter's are
    the script's own. `words_fill`: they are the values of parameters that no flag sets, in their order. `overrides`:
    parameters are set by `key=value`; then `own_flags` are those of the framework itself that a word follows, and
    `null` is what stands for None.
    """

    lenient: bool = False
    joined: bool = False
    any_dashes: bool = False
    negative_words: bool = True
    extra_words: bool = False
    words_fill: bool = False
    overrides: bool = False
    own_flags: frozenset[str] | None = None
    null: str | None = None


class Interface(NamedTuple):
    """What was read: by which framework the script parses its command line, and what it takes.

    `notes` say what could not be read, for people.
    """

    framework: str
    command: Command
    notes: tuple[str, ...] = ()
    syntax: Syntax | OwnSyntax = Syntax()


class Received(NamedTuple):
    """What words give to a script's parser: the sub-commands that are chosen; each parameter that is given, with
    its words (a switch: `true` or `false`; a count: one word each time); and why the parser would refuse, `missing`
    if for want of something that is required."""

    path: tuple[str, ...] = ()
    values: tuple[tuple[Parameter, tuple[str, ...]], ...] = ()
    problem: str | None = None
    missing: bool = False

"""A pickle followed symbolically: what it would build, and what it would import. Nothing is called."""

from __future__ import annotations

from dataclasses import dataclass, field

from runctl.storage.checkpoints.content import Damaged, TooMuch
from runctl.storage.checkpoints.opcodes import Source, Unread, operations


@dataclass(frozen=True, slots=True)
class Global:
    """A name that loading would import."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(slots=True, eq=False)
class Pairs:
    """A dict's items, as they were set."""

    items: list[tuple[object, object]] = field(default_factory=list)

    def get(self, key: str) -> object:
        """The last value set for a text key, or None."""
        return next((value for other, value in reversed(self.items) if other == key), None)


@dataclass(slots=True, eq=False)
class Built:
    """What calling `maker` with `args` would give, with the state and items set on it afterwards."""

    maker: object
    args: object
    state: object = None
    items: list[tuple[object, object]] = field(default_factory=list)


@dataclass(frozen=True, slots=True, eq=False)
class Persistent:
    """A reference to something that lies beside the pickle; of a torch storage, a tuple."""

    id: object


@dataclass(slots=True)
class Pickle:
    """A pickle as far as it was read. `problem` is None when it was read to its end.

    `protocol` is None where it isn't written, which is so below protocol 2.
    """

    protocol: int | None = None
    value: object = None
    imports: list[Global] = field(default_factory=list)
    persistent: list[Persistent] = field(default_factory=list)
    problem: Damaged | TooMuch | None = None


def read(source: Source) -> Pickle:
    """Follows one pickle, leaving `source` behind its end. Never raises: see `problem`."""
    machine = _Machine()
    try:
        for name, argument in operations(source):
            machine.do(name, argument)
        machine.result.value = machine.pop()
    except (Damaged, TooMuch) as problem:
        machine.result.problem = problem
    machine.result.imports = list(dict.fromkeys(machine.result.imports))
    return machine.result


_CONSTANTS = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False, "EMPTY_TUPLE": ()}
_LITERALS = {
    *("INT", "BININT", "BININT1", "BININT2", "LONG", "LONG1", "LONG4"),
    *("FLOAT", "BINFLOAT"),
    *("STRING", "BINSTRING", "SHORT_BINSTRING"),
    *("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"),
    *("BINBYTES", "SHORT_BINBYTES", "BINBYTES8", "BYTEARRAY8"),
}
_NOTHING_TO_DO = frozenset(["FRAME", "READONLY_BUFFER", "STOP"])


class _Machine:
    """The pickle machine of `pickle.py`, with stand-ins for everything that it would import or call."""

    def __init__(self) -> None:
        self.result = Pickle()
        self._stack: list[object] = []
        self._marks: list[list[object]] = []
        self._memo: dict[int, object] = {}

    def do(self, name: str, argument: object) -> None:
        """Carries out one operation."""
        if name in _LITERALS:
            self._push(argument)
        elif name in _CONSTANTS:
            self._push(_CONSTANTS[name])
        elif name not in _NOTHING_TO_DO:
            getattr(self, f"_{name.lower()}")(argument)

    def _push(self, value: object) -> None:
        self._stack.append(value)

    def pop(self) -> object:
        if not self._stack:
            raise Damaged("the pickle takes more than it made")
        return self._stack.pop()

    def _top(self) -> object:
        if not self._stack:
            raise Damaged("the pickle takes more than it made")
        return self._stack[-1]

    def _pop_to_mark(self) -> list[object]:
        if not self._marks:
            raise Damaged("the pickle lacks a mark")
        items = self._stack
        self._stack = self._marks.pop()
        return items

    def _import(self, module: object, name: object) -> Global:
        # a name that isn't plain text is worked out while loading: nobody can say what it will be
        found = Global(*(part if isinstance(part, str) else "?" for part in (module, name)))
        self.result.imports.append(found)
        return found

    def _proto(self, argument: object) -> None:
        if isinstance(argument, int):
            self.result.protocol = max(self.result.protocol or 0, argument)

    def _mark(self, _: object) -> None:
        self._marks.append(self._stack)
        self._stack = []

    def _pop(self, _: object) -> None:
        if self._stack:
            self._stack.pop()
        else:
            self._pop_to_mark()

    def _pop_mark(self, _: object) -> None:
        self._pop_to_mark()

    def _dup(self, _: object) -> None:
        self._push(self._top())

    def _memoize(self, _: object) -> None:
        self._memo[len(self._memo)] = self._top()

    def _put(self, argument: object) -> None:
        if isinstance(argument, int):
            self._memo[argument] = self._top()

    _binput = _long_binput = _put

    def _get(self, argument: object) -> None:
        if not isinstance(argument, int) or argument not in self._memo:
            raise Damaged("the pickle refers to what it did not remember")
        self._push(self._memo[argument])

    _binget = _long_binget = _get

    def _empty_dict(self, _: object) -> None:
        self._push(Pairs())

    def _empty_list(self, _: object) -> None:
        self._push([])

    def _empty_set(self, _: object) -> None:
        self._push(Built(Global("builtins", "set"), ()))

    def _frozenset(self, _: object) -> None:
        self._push(Built(Global("builtins", "frozenset"), tuple(self._pop_to_mark())))

    def _additems(self, _: object) -> None:
        self._pop_to_mark()

    def _dict(self, _: object) -> None:
        self._push(Pairs(_paired(self._pop_to_mark())))

    def _list(self, _: object) -> None:
        self._push(self._pop_to_mark())

    def _tuple(self, _: object) -> None:
        self._push(tuple(self._pop_to_mark()))

    def _tuple1(self, _: object) -> None:
        self._push((self.pop(),))

    def _tuple2(self, _: object) -> None:
        second, first = self.pop(), self.pop()
        self._push((first, second))

    def _tuple3(self, _: object) -> None:
        third, second, first = self.pop(), self.pop(), self.pop()
        self._push((first, second, third))

    def _append(self, _: object) -> None:
        item = self.pop()
        target = self._top()
        if isinstance(target, list):
            target.append(item)

    def _appends(self, _: object) -> None:
        items = self._pop_to_mark()
        target = self._top()
        if isinstance(target, list):
            target.extend(items)

    def _setitem(self, _: object) -> None:
        value, key = self.pop(), self.pop()
        self._set_items([(key, value)])

    def _setitems(self, _: object) -> None:
        self._set_items(_paired(self._pop_to_mark()))

    def _set_items(self, items: list[tuple[object, object]]) -> None:
        target = self._top()
        if isinstance(target, (Pairs, Built)):
            target.items.extend(items)

    def _global(self, argument: object) -> None:
        module, _, name = str(argument).partition(" ")
        self._push(self._import(module, name))

    def _stack_global(self, _: object) -> None:
        name, module = self.pop(), self.pop()
        self._push(self._import(module, name))

    def _ext(self, argument: object) -> None:
        self._push(self._import("copyreg", f"extension {argument}"))

    _ext1 = _ext2 = _ext4 = _ext

    def _inst(self, argument: object) -> None:
        args = tuple(self._pop_to_mark())
        self._global(argument)
        self._push(Built(self.pop(), args))

    def _obj(self, _: object) -> None:
        items = self._pop_to_mark()
        self._push(Built(items[0] if items else None, tuple(items[1:])))

    def _reduce(self, _: object) -> None:
        args, maker = self.pop(), self.pop()
        self._push(_called(maker, args))

    _newobj = _reduce

    def _newobj_ex(self, _: object) -> None:
        _, args, maker = self.pop(), self.pop(), self.pop()
        self._push(_called(maker, args))

    def _build(self, _: object) -> None:
        state = self.pop()
        target = self._top()
        if isinstance(target, Built):
            target.state = state

    def _persid(self, argument: object) -> None:
        self._refer(argument)

    def _binpersid(self, _: object) -> None:
        self._refer(self.pop())

    def _refer(self, persistent_id: object) -> None:
        reference = Persistent(persistent_id)
        self.result.persistent.append(reference)
        self._push(reference)

    def _next_buffer(self, _: object) -> None:
        self._push(Unread())


def _called(maker: object, args: object) -> object:
    if not isinstance(maker, Global):
        return Built(maker, args)
    if str(maker) == "collections.OrderedDict":
        return Pairs(_listed_pairs(args))
    if str(maker) == "collections.defaultdict":
        return Pairs()
    return Built(maker, args)


def _listed_pairs(args: object) -> list[tuple[object, object]]:
    """The items of `OrderedDict([[key, value], …])`, as protocols below 2 write it."""
    listed = args[0] if isinstance(args, tuple) and args else []
    if not isinstance(listed, list):
        return []
    return [(item[0], item[1]) for item in listed if isinstance(item, (list, tuple)) and len(item) == 2]


def _paired(items: list[object]) -> list[tuple[object, object]]:
    if len(items) % 2:
        raise Damaged("the pickle sets a key without a value")
    return list(zip(items[::2], items[1::2], strict=True))

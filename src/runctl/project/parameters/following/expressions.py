"""The values of expressions."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from runctl.project.parameters.following import library
from runctl.project.parameters.following.imports import resolve
from runctl.project.parameters.following.modules import Module, Scope
from runctl.project.parameters.following.values import (
    NOTHING,
    Arguments,
    Class,
    Foreign,
    Generic,
    Instance,
    Modelled,
    Unknown,
    known,
)

if TYPE_CHECKING:
    from runctl.project.parameters.following.interpreter import Interpreter

LARGEST = 1_000_000
MOST_BITS = 10_000


def evaluate(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """The value of an expression; Unknown where it can't be known."""
    kind = type(node)
    if kind is ast.Constant:
        return node.value  # type: ignore[attr-defined]
    compute = _EXPRESSIONS.get(kind)
    value = compute(interpreter, node, scope) if compute else Unknown(node)
    if isinstance(value, Unknown) and value.node is None:
        value.node = node
    return value


def annotation(interpreter: Interpreter, node: ast.expr, scope: Scope) -> Any:
    """The type that an annotation says; one written as a string is read too."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return annotation(interpreter, ast.parse(node.value, mode="eval").body, scope)
        except (SyntaxError, ValueError, RecursionError):
            return Unknown(node)
    return evaluate(interpreter, node, scope)


def look_up(interpreter: Interpreter, name: str, scope: Scope) -> Any:
    """What a name stands for; NOTHING where it is not defined."""
    place: Scope | None = None if name in scope.of_module else scope
    while place is not None:
        if name in place.names:
            return resolve(interpreter, place.names[name])
        place = place.parent
    module = scope.module
    if name in module.scope.names:
        return resolve(interpreter, module.scope.names[name])
    for star in module.foreign_stars:
        interpreter.load_framework(star)
        if f"{star}.{name}" in interpreter.foreign:
            return Foreign(f"{star}.{name}")
    return Foreign(f"builtins.{name}") if name in library.BUILTIN_NAMES else NOTHING


def binary(op: ast.operator, left: Any, right: Any, node: ast.expr | None = None) -> Any:
    """`left op right`."""
    if isinstance(op, ast.BitOr) and _is_type(left) and _is_type(right):
        members = [*_union_members(left), *_union_members(right)]
        return Generic(Foreign("typing.Union"), tuple(members))
    if isinstance(op, ast.Add) and type(left) is type(right) and type(left) in (list, tuple):
        return left + right if len(left) + len(right) < LARGEST else Unknown(node)
    if isinstance(op, ast.BitOr) and isinstance(left, dict) and isinstance(right, dict):
        return {**left, **right}
    compute = _OPERATORS.get(type(op))
    if compute is None or not (known(left) and known(right)) or _too_large(op, left, right):
        return Unknown(node)
    try:
        return compute(left, right)
    except Exception:
        # whatever the script's own expression raises there, its value is not known here
        return Unknown(node)


def _is_type(value: Any) -> bool:
    return value is None or isinstance(value, (Foreign, Generic, Class))


def _union_members(value: Any) -> tuple[Any, ...]:
    if isinstance(value, Generic) and value.origin == Foreign("typing.Union"):
        return value.arguments
    return (value,)


def _too_large(op: ast.operator, left: Any, right: Any) -> bool:
    """Whether a result could be so large that computing it would hold us up."""
    if isinstance(left, int) and isinstance(right, int):
        return _bits(op, left, right) > MOST_BITS
    if isinstance(op, ast.Pow):
        return isinstance(left, complex) or isinstance(right, complex)
    if isinstance(op, ast.Mod) and isinstance(left, (str, bytes)):
        return library.widens(left) or any(
            isinstance(value, int) and value > LARGEST for value in library.as_list(right)
        )
    size = library.size(left) * abs(right) if isinstance(right, int) else library.size(left) + library.size(right)
    return (abs(left) * library.size(right) if isinstance(left, int) else size) > LARGEST


def _bits(op: ast.operator, left: int, right: int) -> int:
    """How many bits the result may have."""
    if isinstance(op, ast.Pow):
        return left.bit_length() * abs(right)
    if isinstance(op, ast.LShift):
        return left.bit_length() + abs(right)
    return left.bit_length() + right.bit_length()


def _name(interpreter: Interpreter, node: ast.Name, scope: Scope) -> Any:
    value = look_up(interpreter, node.id, scope)
    return Unknown(node) if value is NOTHING else value


def _attribute(interpreter: Interpreter, node: ast.Attribute, scope: Scope) -> Any:
    return interpreter.attribute(evaluate(interpreter, node.value, scope), node.attr)


def _call(interpreter: Interpreter, node: ast.Call, scope: Scope) -> Any:
    if (
        isinstance(node.func, ast.Name)
        and node.func.id in ("super", "globals", "locals", "vars")
        and not (node.args and node.func.id != "super")
    ):
        special = library.of_frame(interpreter, node.func.id, scope)
        if special is not None:
            return special
    function = evaluate(interpreter, node.func, scope)
    positional: list[Any] = []
    exact = True
    for argument in node.args:
        if isinstance(argument, ast.Starred):
            items = library.items_of(interpreter, evaluate(interpreter, argument.value, scope))
            exact = exact and items is not None
            positional.extend(items or [])
        else:
            positional.append(evaluate(interpreter, argument, scope))
    keywords: dict[str, Any] = {}
    for word in node.keywords:
        value = evaluate(interpreter, word.value, scope)
        if word.arg is not None:
            keywords[word.arg] = value
        elif isinstance(value, dict) and all(isinstance(key, str) for key in value):
            exact = exact and not interpreter.doubtful(value)
            keywords.update(value)
        else:
            exact = False
    return interpreter.call(function, Arguments(tuple(positional), keywords, exact))


def _subscript(interpreter: Interpreter, node: ast.Subscript, scope: Scope) -> Any:
    container = evaluate(interpreter, node.value, scope)
    if isinstance(container, Generic) or (isinstance(container, Foreign) and _may_be_type(container)):
        return _parametrised(interpreter, container, node.slice, scope)
    if isinstance(container, Class):
        if container.is_enum:
            return library.enum_by_name(container, evaluate(interpreter, node.slice, scope))
        return container
    if _is_argv(container):
        return Foreign("sys.argv[1:]") if ast.unparse(node.slice) == "1:" else Unknown(node)
    if isinstance(node.slice, ast.Slice):
        return _sliced(interpreter, container, node, scope)
    key = evaluate(interpreter, node.slice, scope)
    if isinstance(container, Modelled):
        return container.attribute(interpreter, f"[{key!r}]")
    if isinstance(container, (str, bytes, list, tuple, dict)) and known(key) and not interpreter.doubtful(container):
        try:
            return container[key]
        except (LookupError, TypeError):
            return Unknown(node)
    return Unknown(node)


def _may_be_type(value: Foreign) -> bool:
    """Whether a library's name may be that of a type: `os.environ["HOME"]` has no type's name."""
    module, _, name = value.name.rpartition(".")
    return name[:1].isupper() or module in ("builtins", "collections", "typing", "numpy")


def _is_argv(value: Any) -> bool:
    return isinstance(value, Foreign) and value == Foreign("sys.argv")


def _parametrised(interpreter: Interpreter, origin: Any, node: ast.expr, scope: Scope) -> Any:
    literal = isinstance(origin, Foreign) and origin.name.endswith(".Literal")
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    read = evaluate if literal else annotation
    values = []
    for index, part in enumerate(parts):
        # what follows the type in Annotated[...] are values, not types
        is_value = isinstance(origin, Foreign) and origin.name.endswith(".Annotated") and index > 0
        values.append((evaluate if is_value else read)(interpreter, part, scope))
    return Generic(origin, tuple(values))


def _sliced(interpreter: Interpreter, container: Any, node: ast.Subscript, scope: Scope) -> Any:
    assert isinstance(node.slice, ast.Slice)
    bounds = [
        None if part is None else evaluate(interpreter, part, scope)
        for part in (node.slice.lower, node.slice.upper, node.slice.step)
    ]
    if isinstance(container, Modelled):
        return container
    plain = isinstance(container, (str, bytes, list, tuple)) and not interpreter.doubtful(container)
    if plain and all(bound is None or type(bound) is int for bound in bounds) and bounds[2] != 0:
        return container[slice(*bounds)]
    return Unknown(node)


def _sequence(interpreter: Interpreter, node: Any, scope: Scope) -> Any:
    items: list[Any] = []
    doubtful = False
    for element in node.elts:
        if isinstance(element, ast.Starred):
            inner = evaluate(interpreter, element.value, scope)
            spread = library.items_of(interpreter, inner)
            doubtful = doubtful or spread is None
            items.extend(spread or [])
        else:
            items.append(evaluate(interpreter, element, scope))
    if doubtful:
        return Unknown(node)
    if isinstance(node, ast.Tuple):
        return tuple(items)
    if isinstance(node, ast.Set):
        return set(items) if known(items) and all(map(library.hashable, items)) else items
    return items


def _dictionary(interpreter: Interpreter, node: ast.Dict, scope: Scope) -> Any:
    made: dict[Any, Any] = {}
    for key_node, value_node in zip(node.keys, node.values, strict=True):
        value = evaluate(interpreter, value_node, scope)
        if key_node is None:
            if not isinstance(value, dict):
                return Unknown(node)
            made.update(value)
            continue
        key = evaluate(interpreter, key_node, scope)
        if isinstance(key, Unknown) or not library.hashable(key):
            return Unknown(node)
        made[key] = value
    return made


def _joined(interpreter: Interpreter, node: ast.JoinedStr, scope: Scope) -> Any:
    parts = []
    for value in node.values:
        if isinstance(value, ast.Constant):
            parts.append(str(value.value))
            continue
        assert isinstance(value, ast.FormattedValue)
        inner = evaluate(interpreter, value.value, scope)
        spec = evaluate(interpreter, value.format_spec, scope) if value.format_spec else ""
        if not known(inner) or not isinstance(spec, str) or library.widens(spec):
            return Unknown(node)
        shown = {-1: inner, 115: str(inner), 114: repr(inner), 97: ascii(inner)}[value.conversion]
        try:
            parts.append(format(shown, spec))
        except (ValueError, TypeError):
            return Unknown(node)
    return "".join(parts)


def _binary(interpreter: Interpreter, node: ast.BinOp, scope: Scope) -> Any:
    return binary(node.op, evaluate(interpreter, node.left, scope), evaluate(interpreter, node.right, scope), node)


def _unary(interpreter: Interpreter, node: ast.UnaryOp, scope: Scope) -> Any:
    value = evaluate(interpreter, node.operand, scope)
    if isinstance(node.op, ast.Not):
        truth = library.truth(interpreter, value)
        return Unknown(node) if truth is None else not truth
    if isinstance(value, (int, float)):
        if isinstance(node.op, ast.USub):
            return -value
        return ~value if isinstance(node.op, ast.Invert) and isinstance(value, int) else value
    return Unknown(node)


def _boolean(interpreter: Interpreter, node: ast.BoolOp, scope: Scope) -> Any:
    stops_at = isinstance(node.op, ast.Or)
    value: Any = None
    for index, part in enumerate(node.values):
        value = evaluate(interpreter, part, scope)
        truth = library.truth(interpreter, value)
        if truth is None:
            for other in node.values[index + 1 :]:
                if library.truth(interpreter, evaluate(interpreter, other, scope)) is stops_at:
                    break
            return Unknown(node)
        if truth is stops_at:
            return value
    return value


def _compare(interpreter: Interpreter, node: ast.Compare, scope: Scope) -> Any:
    left = evaluate(interpreter, node.left, scope)
    for op, right_node in zip(node.ops, node.comparators, strict=True):
        right = evaluate(interpreter, right_node, scope)
        holds = _holds(interpreter, op, left, right)
        if holds is None:
            return Unknown(node)
        if not holds:
            return False
        left = right
    return True


def _holds(interpreter: Interpreter, op: ast.cmpop, left: Any, right: Any) -> bool | None:
    if isinstance(op, (ast.Is, ast.IsNot)):
        same = _same(left, right)
        return same if same is None or isinstance(op, ast.Is) else not same
    if isinstance(op, (ast.In, ast.NotIn)):
        items = None if interpreter.doubtful(right) else library.items_of(interpreter, right)
        if isinstance(right, str) and isinstance(left, str):
            inside = left in right
        elif items is None or not known(left) or not known(items):
            return None
        else:
            inside = left in items
        return inside if isinstance(op, ast.In) else not inside
    compare = _COMPARISONS.get(type(op))
    if compare is None or not (known(left) and known(right)):
        return None
    if interpreter.doubtful(left) or interpreter.doubtful(right):
        return None
    try:
        return bool(compare(left, right))
    except TypeError:
        return None


def _same(left: Any, right: Any) -> bool | None:
    if isinstance(left, Foreign) and isinstance(right, Foreign):
        builtin = left.name.startswith("builtins.") and right.name.startswith("builtins.")
        return left == right if builtin or left == right else None
    if isinstance(left, (Unknown, Foreign)) or isinstance(right, (Unknown, Foreign)):
        return None
    if known(left) and known(right):
        return left is right or (left == right and type(left) is type(right))
    return left is right


def _conditional(interpreter: Interpreter, node: ast.IfExp, scope: Scope) -> Any:
    truth = library.truth(interpreter, evaluate(interpreter, node.test, scope))
    if truth is not None:
        return evaluate(interpreter, node.body if truth else node.orelse, scope)
    values = [evaluate(interpreter, part, scope) for part in (node.body, node.orelse)]
    return next((value for value in values if isinstance(value, (Modelled, Instance))), Unknown(node))


def _lambda(interpreter: Interpreter, node: ast.Lambda, scope: Scope) -> Any:
    return interpreter.function(node, scope, "<lambda>")


def _comprehension(interpreter: Interpreter, node: Any, scope: Scope) -> Any:
    inner = Scope(scope.module, scope)
    made: list[Any] = []
    if not _each(interpreter, node.generators, inner, lambda: made.append(_element(interpreter, node, inner))):
        return Unknown(node)
    if isinstance(node, ast.DictComp):
        if not all(library.hashable(key) and not isinstance(key, Unknown) for key, _ in made):
            return Unknown(node)
        return dict(made)
    if isinstance(node, ast.SetComp):
        return set(made) if known(made) and all(map(library.hashable, made)) else Unknown(node)
    return made


def _element(interpreter: Interpreter, node: Any, scope: Scope) -> Any:
    if isinstance(node, ast.DictComp):
        return evaluate(interpreter, node.key, scope), evaluate(interpreter, node.value, scope)
    return evaluate(interpreter, node.elt, scope)


def _each(
    interpreter: Interpreter, generators: list[ast.comprehension], scope: Scope, found: Callable[[], None]
) -> bool:
    """Calls `found` for every combination; whether they could be known."""
    if not generators:
        found()
        return True
    first, *others = generators
    iterable = evaluate(interpreter, first.iter, scope)
    items = library.items_of(interpreter, iterable)
    if items is None or interpreter.doubtful(iterable):
        return False
    for item in items:
        interpreter.step()
        interpreter.bind(first.target, item, scope)
        truths = [library.truth(interpreter, evaluate(interpreter, test, scope)) for test in first.ifs]
        if None in truths:
            return False
        if all(truths) and not _each(interpreter, others, scope, found):
            return False
    return True


def _walrus(interpreter: Interpreter, node: ast.NamedExpr, scope: Scope) -> Any:
    value = evaluate(interpreter, node.value, scope)
    interpreter.bind(node.target, value, scope)
    return value


def _yield(interpreter: Interpreter, node: ast.Yield, scope: Scope) -> Any:
    interpreter.yields(None if node.value is None else evaluate(interpreter, node.value, scope))
    return Unknown(node)


def _yield_from(interpreter: Interpreter, node: ast.YieldFrom, scope: Scope) -> Any:
    for item in library.items_of(interpreter, evaluate(interpreter, node.value, scope)) or [Unknown(node)]:
        interpreter.yields(item)
    return Unknown(node)


def _awaited(interpreter: Interpreter, node: Any, scope: Scope) -> Any:
    return evaluate(interpreter, node.value, scope) if node.value is not None else None


def field_helps(node: ast.ClassDef, module: Module) -> dict[str, str]:
    """The docstring below each annotated name of a class body, or the comment on its line or right above it."""
    helps: dict[str, str] = {}
    lines: list[str] | None = None
    for index, statement in enumerate(node.body):
        if not (isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name)):
            continue
        follower = node.body[index + 1] if index + 1 < len(node.body) else None
        text = _text_of(follower)
        if text is not None:
            helps[statement.target.id] = " ".join(text.split())
            continue
        if "#" not in module.source:
            continue
        lines = module.source.splitlines() if lines is None else lines
        text = _comment_of(statement, lines)
        if text:
            helps[statement.target.id] = text
    return helps


def _text_of(statement: ast.stmt | None) -> str | None:
    """What a statement says that is nothing but a text."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
        return statement.value.value if isinstance(statement.value.value, str) else None
    return None


def _comment_of(statement: ast.stmt, lines: list[str]) -> str:
    end = (statement.end_lineno or statement.lineno) - 1
    if end < len(lines) and "#" in lines[end]:
        encoded = lines[end].encode()[statement.end_col_offset or 0 :].decode(errors="replace").strip()
        if encoded.startswith("#"):
            return encoded.lstrip("#").strip()
    above: list[str] = []
    line = statement.lineno - 2
    while line >= 0 and lines[line].strip().startswith("#"):
        above.insert(0, lines[line].strip().lstrip("#").strip())
        line -= 1
    return " ".join(above)


_OPERATORS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
    ast.LShift: operator.lshift,
    ast.RShift: operator.rshift,
    ast.BitAnd: operator.and_,
    ast.BitOr: operator.or_,
    ast.BitXor: operator.xor,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Any, Any], Any]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
}
_EXPRESSIONS: dict[type[ast.expr], Callable[[Interpreter, Any, Scope], Any]] = {
    ast.Name: _name,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Subscript: _subscript,
    ast.List: _sequence,
    ast.Tuple: _sequence,
    ast.Set: _sequence,
    ast.Dict: _dictionary,
    ast.JoinedStr: _joined,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.BoolOp: _boolean,
    ast.Compare: _compare,
    ast.IfExp: _conditional,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.DictComp: _comprehension,
    ast.NamedExpr: _walrus,
    ast.Await: _awaited,
    ast.Yield: _yield,
    ast.YieldFrom: _yield_from,
}

"""Compares Python versions as PEP 440 does, as far as `requires-python` needs it."""

from __future__ import annotations

import re

# https://packaging.python.org/en/latest/specifications/version-specifiers/
SPECIFIER = re.compile(r"(~=|===?|!=|<=?|>=?)\s*v?(\d+(?:\.\d+)*)(\.\*)?[-_.]?(?:(?:a|b|rc|post|dev)\d*)?$")


class SpecifierError(ValueError):
    """A `requires-python` that is no list of version specifiers."""


def satisfies(version: str, specifiers: str) -> bool:
    """Whether a release such as "3.11.7" meets PEP 440 specifiers such as ">=3.10,<4".

    Of pre-releases in a specifier only the release counts. Raises SpecifierError.
    """
    return all(_meets(_numbers(version), one) for one in specifiers.split(",") if one.strip())


def _meets(version: list[int], specifier: str) -> bool:
    match = SPECIFIER.match(specifier.strip())
    if not match:
        raise SpecifierError("%r is not a version specifier" % specifier.strip())
    operator, wanted, any_below = match.group(1), _numbers(match.group(2)), bool(match.group(3))
    if operator == "~=":
        if len(wanted) < 2 or any_below:
            raise SpecifierError("%r must have two or more numbers" % specifier.strip())
        return version >= wanted and version[: len(wanted) - 1] == wanted[:-1]
    if any_below:
        same = version[: len(wanted)] == wanted
    else:
        length = max(len(version), len(wanted))
        version, wanted = _padded(version, length), _padded(wanted, length)
        same = version == wanted
    answers: dict[str, bool] = {
        "==": same,
        "===": same,
        "!=": not same,
        "<": version < wanted,
        "<=": version <= wanted,
        ">": version > wanted,
        ">=": version >= wanted,
    }
    return answers[operator]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]


def _padded(version: list[int], length: int) -> list[int]:
    return version + [0] * (length - len(version))

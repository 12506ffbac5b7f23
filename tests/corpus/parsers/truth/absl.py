"""absl's own word for which flags are defined when the command line is parsed."""

from __future__ import annotations

from typing import Any

from absl import flags as absl_flags

from truth import Parsed, Run

HELP = {"help", "helpshort", "helpfull", "helpxml", "?"}


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """Every flag but those of help, absl's own included."""
    found: dict[str, dict[str, Any]] = {}

    def watch(values: absl_flags.FlagValues, *args: Any, **kwargs: Any) -> Any:
        for name, flag in values._flags().items():
            if name not in HELP:
                found.update(_options(values, name, flag))
                if type(flag.value).__name__ == "ConfigDict":
                    found.update({f"--{name}.{key}": {} for key in _leaves(flag.value.to_dict(), "")})
        raise Parsed

    absl_flags.FlagValues.__call__ = watch
    try:
        run([])
    except Parsed:
        pass
    return found


def _options(values: absl_flags.FlagValues, name: str, flag: absl_flags.Flag) -> dict[str, dict[str, Any]]:
    about: dict[str, Any] = {"required": _required(values, flag)}
    if isinstance(flag, (absl_flags.EnumFlag, absl_flags.EnumClassFlag, absl_flags.MultiEnumClassFlag)):
        about["choices"] = list(
            flag.parser.enum_values if isinstance(flag, absl_flags.EnumFlag) else flag.parser._member_names
        )
    if not isinstance(flag.default, (list, tuple)) and flag.flag_type() in ("string", "int", "float", "bool", "enum"):
        about["default"] = flag.default
    dashes = "--" if len(name) > 1 else "-"
    listed = {f"{dashes}{name}": about}
    if flag.boolean:
        listed[f"--no{name}"] = about
    return listed


def _leaves(values: dict[str, Any], prefix: str) -> list[str]:
    found: list[str] = []
    for key, value in values.items():
        found += _leaves(value, f"{prefix}{key}.") if isinstance(value, dict) else [prefix + key]
    return found


def _required(values: absl_flags.FlagValues, flag: absl_flags.Flag) -> bool:
    """Whether absl refuses None, which is the default, as `mark_flag_as_required` makes it do."""
    if flag.default is not None:
        return False
    try:
        for validator in flag.validators:
            validator.verify(values)
    except absl_flags.ValidationError:
        return True
    except Exception:
        return False
    return False

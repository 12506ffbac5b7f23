"""The flags that absl defines itself, for its logging and for `app.run`; those of help are left out."""

from __future__ import annotations

from runctl.project.parameters.frameworks.absl import types as absl_types
from runctl.project.parameters.model import SWITCH, Parameter, ValueType
from runctl.project.parameters.types import STR

_ABSL = "absl's own"


def _switch(name: str, default: bool) -> Parameter:
    return Parameter(name, absl_types.BOOL, (f"--{name}",), (f"--no{name}",), SWITCH, default=default, help=_ABSL)


def _value(name: str, kind: ValueType, default: object, *flags: str) -> Parameter:
    return Parameter(name, kind, (f"--{name}", *flags), default=default, help=_ABSL)


LOGGING = (
    _switch("logtostderr", False),
    _switch("alsologtostderr", False),
    _value("log_dir", STR, ""),
    _value("verbosity", absl_types.integer(None, None), -1, "-v"),
    _value("logger_levels", STR, {}),
    _value("stderrthreshold", STR, "fatal"),
    _switch("showprefixforinfo", True),
)
APP = (
    _switch("run_with_pdb", False),
    _switch("pdb_post_mortem", False),
    _switch("pdb", False),
    _switch("run_with_profiling", False),
    _value("profile_file", STR, None),
    _switch("use_cprofile_for_profiling", True),
    _switch("only_check_args", False),
    _switch("only_check_flags", False),
)

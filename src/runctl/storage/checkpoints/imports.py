"""Which of the names that a pickle imports are known to be harmless: they rebuild data and run nothing else."""

from __future__ import annotations

import re
from collections.abc import Iterable

from runctl.storage.checkpoints.pickles import Global

# whole packages can't be trusted by their first word: `torch.hub.load` and `numpy.load` run code, and
# `collections._sys.modules` reaches everything
_HARMLESS = re.compile(
    r"""
      collections\.(OrderedDict|defaultdict|Counter|deque)
    | (builtins|__builtin__)\.(set|frozenset|dict|list|tuple|int|long|float|complex|bool|str|unicode|bytes
        |bytearray|slice|range|xrange|object)
    | (copyreg|copy_reg)\._reconstructor
    | _codecs\.encode
    | datetime\.(date|datetime|time|timedelta|timezone)
    | pathlib\.(Path|PosixPath|PurePath|PurePosixPath|WindowsPath|PureWindowsPath)
    | argparse\.Namespace
    | torch\.(u?int\d+|float\d+(_\w+)?|bfloat16|half|double|float|long|short|int|complex\d+|q?u?int\d+(x\d)?|bool)
    | torch\.(Size|device|dtype|Tensor|layout|memory_format|strided|sparse_coo)
    | torch\.per_(tensor|channel)_(affine|symmetric)(_float_qparams)?
    | torch(\.storage|\.cuda)?\.[A-Z][A-Za-z0-9]*Storage
    | torch\._utils\._rebuild_\w+
    | torch\._tensor\._rebuild_from_type(_v2)?
    | torch\.serialization\._get_layout
    | torch\.nn\.parameter\.(Parameter|Buffer|UninitializedParameter|UninitializedBuffer)
    | torch\.nn\.modules\.\w+\.[A-Z]\w*
    | torch\.optim(\.\w+)?\.[A-Z]\w*
    | torch\.distributed\.checkpoint\.metadata\._?[A-Z]\w*
    | torch\.distributed\.checkpoint\.(filesystem|planner)\._?[A-Z]\w*
    | (numpy|numpy\.core\.multiarray|numpy\._core\.multiarray)\.(_reconstruct|scalar|ndarray|dtype)
    | numpy\.(core|_core)\.numeric\._frombuffer
    | numpy\.(bool_?|u?int\d*|float\d+|complex\d+|str_|bytes_)
    | numpy\.dtypes\.[A-Z]\w*
    """,
    re.VERBOSE,
)


def runs_code(imports: Iterable[Global]) -> tuple[str, ...]:
    """Those of `imports` that are not known to be harmless, as `module.name`, each once."""
    names = dict.fromkeys(map(str, imports))
    return tuple(name for name in names if not _HARMLESS.fullmatch(name))

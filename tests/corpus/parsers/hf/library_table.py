"""Makes src/runctl/project/parameters/frameworks/hf/table.py out of wheels of transformers and trl.

    pip download --no-deps -d WHEELS transformers==4.44.2 transformers==4.57.1 …   (one version a call)
    python tests/corpus/parsers/hf/library_table.py WHEELS

The libraries' sources are read by runctl's own interpreter, as the scripts of a project are; nothing is imported.
"""

from __future__ import annotations

import re
import sys
import tempfile
import zipfile
from pathlib import Path

from runctl.project.parameters.frameworks.dataclass_fields import fields_of
from runctl.project.parameters.frameworks.hf_parser_fields import option
from runctl.project.parameters.interpreter import Interpreter
from runctl.project.parameters.model import VALUES, Parameter
from runctl.project.parameters.values import Class

CLASSES = {
    "TrainingArguments": "transformers.training_args",
    "Seq2SeqTrainingArguments": "transformers.training_args_seq2seq",
    "SFTConfig": "trl.trainer.sft_config",
    "DPOConfig": "trl.trainer.dpo_config",
    "GRPOConfig": "trl.trainer.grpo_config",
    "KTOConfig": "trl.trainer.kto_config",
    "RewardConfig": "trl.trainer.reward_config",
    "ModelConfig": "trl.trainer.model_config",
    "ScriptArguments": "trl.scripts.utils",
}
NEEDED = re.compile(
    r"transformers/(training_args\w*|trainer_utils|debug_utils)\.py|trl/(trainer/\w*config|scripts/utils)\.py"
)


def main(wheels: Path) -> None:
    found: dict[str, list[dict[str, str]]] = {name: [] for name in CLASSES}
    versions = []
    for wheel in sorted(wheels.glob("t*.whl")):
        library, version = wheel.name.split("-")[:2]
        versions.append(f"{library} {version}")
        with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(wheel) as archive:
            archive.extractall(folder, [name for name in archive.namelist() if NEEDED.fullmatch(name)])
            for name, module in CLASSES.items():
                if module.startswith(f"{library}."):
                    found[name].append(kinds(Path(folder), module, name))
    print(table(found, versions))


def kinds(root: Path, module: str, name: str) -> dict[str, str]:
    """Each option of a class and how it takes its value."""
    interpreter = Interpreter(root / "script.py", root, (), {})
    interpreter.load_framework("dataclasses")
    read = interpreter.modules.find(module)
    assert read is not None, module
    interpreter.evaluate_module(read)
    kind = read.scope.names[name]
    assert isinstance(kind, Class)
    return {field.name: described(option(field)) for field in fields_of(interpreter, kind) if field.inner}


def described(made: Parameter) -> str:
    kind = made.type.name if made.type.name in ("int", "float", "str", "bool") else "any"
    if made.takes == VALUES:
        # versions differ in what takes several values: those are written as they are given
        return f"{kind}s" if kind != "any" else "any"
    return "negatable" if made.off_flags else kind


def table(found: dict[str, list[dict[str, str]]], versions: list[str]) -> str:
    lines = [
        '"""The fields of dataclasses of transformers and trl. Made by tests/corpus/parsers/hf/library_table.py."""',
        "",
        f'VERSIONS = "{", ".join(versions)}"',
        "",
        "# by class, by how the option takes its value; what these versions take in different ways stands under `any`",
        "FIELDS: dict[str, dict[str, str]] = {",
    ]
    for name, several in found.items():
        lines.append(f'    "{name}": {{')
        for kind, names in sorted(by_kind(several).items()):
            lines.append(f'        "{kind}": """')
            lines += wrapped(names)
            lines.append('        """,')
        lines.append("    },")
    return "\n".join([*lines, "}"])


def by_kind(several: list[dict[str, str]]) -> dict[str, list[str]]:
    names = sorted({name for one in several for name in one})
    sorted_in: dict[str, list[str]] = {}
    for name in names:
        known = {one[name] for one in several if name in one}
        kind = known.pop() if len(known) == 1 else "negatable" if known == {"bool", "negatable"} else "any"
        sorted_in.setdefault(kind, []).append(name)
    return sorted_in


def wrapped(names: list[str]) -> list[str]:
    lines = [""]
    for name in names:
        if len(lines[-1]) + len(name) > 105:
            lines.append("")
        lines[-1] = f"{lines[-1]} {name}".strip()
    return [f"        {line}" for line in lines]


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""Distil a teacher; the short form of HfArgumentParser: HfArg, aliases, one dataclass, leftovers for the launcher."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from transformers.hf_argparser import HfArg, HfArgumentParser


@dataclass
class DistillConfig:
    teacher: str = HfArg(aliases=["--teacher-model", "-t"], help="teacher checkpoint")
    student: str = HfArg(default="distilbert-base-uncased", aliases="-s")
    temperature: float = HfArg(default=2.0, aliases=["--temp"], help="softmax temperature")
    alpha_ce: float = HfArg(default=0.5)
    layers: list[int] = HfArg(default_factory=lambda: [0, 2, 4], help="which layers to copy")
    cache: Path = Path("cache")
    max_len: int | None = 512
    verbose: bool = HfArg(default=False, aliases=["-v"])
    tag: "str | None" = None


def parse() -> Any:
    parser = HfArgumentParser(DistillConfig, description=__doc__, prog="distill")
    config, remaining = parser.parse_args_into_dataclasses(return_remaining_strings=True)
    return config, remaining


if __name__ == "__main__":
    config, remaining = parse()
    assert all(word.startswith("--") or not word.startswith("-") for word in remaining)
    print(json.dumps(asdict(config), default=str))

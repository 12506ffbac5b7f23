from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import transformers
from base import BaseOptimArguments, Precision, Scheduler

AVAILABLE = ["train", "validation", "test"]


@dataclass
class OptimArguments(BaseOptimArguments):
    # overrides the default, keeps its place
    lr: float = 1e-4
    scheduler: Scheduler = "cosine"
    fused: bool = True
    num_epochs: int = field(default=1, metadata={"help": "passes over the data"})
    total_steps: int = field(init=False, default=0)

    def __post_init__(self):
        self.total_steps = self.num_epochs * 10


@dataclass
class ModelArguments:
    model_name: str = field(default="gpt2")
    attn: Literal["eager", "sdpa", "flash_attention_2"] = field(
        default="sdpa", metadata={"help": "attention implementation"}
    )
    lora_r: Literal[0, 8, 16] = 0
    lora_target_modules: list[str] | None = field(default=None, metadata={"help": "modules to adapt"})
    precision: Precision = field(default=Precision.BF16)
    gradient_checkpointing: bool = False


@dataclass
class DataArguments:
    data_path: list[str] = field(metadata={"help": "one or more paths"})
    split: str = field(default="train", metadata={"help": "which split", "choices": AVAILABLE})
    mixture: list[float] = field(default_factory=list)
    block_size: int | None = field(default=1024)
    shuffle: bool = True
    streaming: bool | None = None


def get_args(args=None) -> tuple[ModelArguments, DataArguments, OptimArguments]:
    parser = transformers.HfArgumentParser([ModelArguments, DataArguments, OptimArguments])
    return parser.parse_args_into_dataclasses(args)

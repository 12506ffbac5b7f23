from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum


class Scheduler(Enum):
    LINEAR = "linear"
    COSINE = "cosine"
    CONSTANT = "constant_with_warmup"


class Precision(str, Enum):
    FP32 = "fp32"
    BF16 = "bf16"


@dataclass
class BaseOptimArguments:
    """What all of our training scripts share."""

    lr: float = field(default=3e-4, metadata={"help": "peak learning rate"})
    betas: list[float] = field(default_factory=lambda: [0.9, 0.95], metadata={"help": "AdamW betas"})
    warmup_steps: int = 0
    clip_grad: float | None = 1.0
    scheduler: Scheduler = Scheduler.LINEAR

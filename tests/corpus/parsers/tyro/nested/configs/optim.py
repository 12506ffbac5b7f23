from __future__ import annotations

import enum
from dataclasses import dataclass, field


class Precision(enum.Enum):
    FP32 = "32-true"
    BF16_MIXED = "bf16-mixed"


@dataclass
class SchedulerConfig:
    """Learning rate schedule."""

    warmup_steps: int = 100
    """Steps of linear warm-up."""
    gammas: tuple[float, ...] = (0.1,)


@dataclass
class OptimizerConfig:
    learning_rate: float = 1e-3  # peak learning rate
    betas: tuple[float, float] = (0.9, 0.999)
    weight_decay: float | None = None
    use_fused: bool = False
    scheduler: SchedulerConfig = field(default_factory=SchedulerConfig)


@dataclass
class SlowOptimizerConfig(OptimizerConfig):
    learning_rate: float = 1e-5

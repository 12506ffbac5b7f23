from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Dict, List, Literal, Optional, Set, Tuple, Union

from .optim import OptimizerConfig, Precision, SlowOptimizerConfig


@dataclass
class DataConfig:
    root: Path = Path("data")
    shards: List[int] = field(default_factory=lambda: [0, 1])
    split: Literal["train", "val", 3] = "train"
    crop: Optional[Tuple[int, int]] = None
    weights: Dict[str, float] = field(default_factory=dict)
    """Weights of the sources."""
    tags: Set[str] = field(default_factory=set)


@dataclass
class TrainerConfig:
    name: str
    steps: int
    optimizer: OptimizerConfig = field(default_factory=lambda: SlowOptimizerConfig(use_fused=True))
    data: DataConfig = field(default_factory=DataConfig)
    precision: Precision = Precision.FP32
    devices: Union[int, str] = "auto"
    flags: List[bool] = field(default_factory=list)
    verbose: Optional[bool] = None
    extra: Any = 3
    activation: Callable[[float], float] = abs
    _private: int = 0

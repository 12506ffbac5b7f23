from dataclasses import dataclass, field
from typing import List

from simple_parsing import Serializable
from simple_parsing.helpers import choice, flag


@dataclass
class Common(Serializable):
    batch_size: int = 4
    dtype: str = choice({"half": "float16", "full": "float32"}, default="full")


@dataclass
class Train(Common):
    lr: float = 1e-3
    ema: bool = flag(False, negative_prefix="--no-")
    milestones: List[float] = field(default_factory=list)


@dataclass
class Evaluate(Common):
    checkpoint: str = "last.pt"

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass
class Loader:
    batch_size: int = 32
    workers: int = 4


@dataclass
class DataConfig:
    root: str
    classes: int = 10
    crop: tuple[int, int] = (224, 224)
    train: Loader = field(default_factory=lambda: Loader(batch_size=64))

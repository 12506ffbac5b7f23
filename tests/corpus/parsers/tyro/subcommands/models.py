from dataclasses import dataclass
from typing import Annotated, Union

from tyro import conf


@dataclass(frozen=True)
class Vit:
    depth: int = 12
    patch_size: int = 16


@dataclass(frozen=True)
class ResNet50:
    width: float = 1.0


MODELS = Union[
    Annotated[Vit, conf.subcommand("vit")], Annotated[ResNet50, conf.subcommand("resnet", prefix_name=False)]
]

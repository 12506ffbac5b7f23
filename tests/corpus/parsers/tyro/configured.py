"""tyro.conf in all its forms."""

import json
from dataclasses import asdict, dataclass, field
from typing import Annotated, Dict, List, Tuple, Union

import tyro
from tyro.conf import FlagConversionOff, OmitArgPrefixes, Positional, Suppress, UseAppendAction, UseCounterAction, arg


@dataclass
class Logging:
    log_every: int = 10
    to_wandb: bool = False


@dataclass
class Config:
    dataset: Positional[str]
    """which dataset"""
    learning_rate: Annotated[float, arg(name="lr", aliases=["-l", "--rate"], help="step size")] = 1e-3
    logging: OmitArgPrefixes[Logging] = field(default_factory=Logging)
    resume: FlagConversionOff[bool] = False
    compile: tyro.conf.FlagCreatePairsOff[bool] = False
    shuffle: tyro.conf.FlagCreatePairsOff[bool] = True
    layers: UseAppendAction[List[int]] = field(default_factory=list)
    verbose: Annotated[int, UseCounterAction, arg(aliases=["-v"])] = 0
    version: tyro.conf.Fixed[str] = "1.0"
    _cache: Suppress[Union[dict, None]] = None
    scales: Dict[str, float] = field(default_factory=lambda: {"loss": 1.0, "kl": 0.1})
    size: Tuple[int, str] = (1, "px")
    amp: Annotated[bool, arg(aliases=["-a", "--mixed"])] = True


if __name__ == "__main__":
    config = tyro.cli(Config, use_underscores=True, config=(tyro.conf.SuppressFixed,))
    print(json.dumps(asdict(config)))

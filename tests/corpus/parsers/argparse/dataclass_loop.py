import argparse
import dataclasses
import json
from dataclasses import asdict, dataclass, field, fields


@dataclass
class OptimConfig:
    lr: float = 1e-3
    momentum: float = 0.9
    nesterov: bool = False


@dataclass
class TrainConfig(OptimConfig):
    epochs: int = 10
    name: str = "baseline"
    batch_size: int = field(default=32, metadata={"help": "samples a step"})
    steps_per_epoch: int = dataclasses.field(default=100)


def get_config() -> TrainConfig:
    parser = argparse.ArgumentParser()
    for f in fields(TrainConfig):
        if f.type is bool:
            parser.add_argument(f"--{f.name}", action="store_true", default=f.default)
        else:
            parser.add_argument(f"--{f.name}", type=f.type, default=f.default, help=f.metadata.get("help", ""))
    args = parser.parse_args()
    return TrainConfig(**vars(args))


if __name__ == "__main__":
    print(json.dumps(asdict(get_config())))

import dataclasses
import json

import tyro
from configs.trainer import TrainerConfig
from configs.utils import to_json


def main(config: TrainerConfig) -> None:
    print(json.dumps(dataclasses.asdict(config), default=to_json))


def entrypoint() -> None:
    """Entrypoint for use with pyproject scripts."""
    tyro.extras.set_accent_color("bright_yellow")
    main(
        tyro.cli(
            TrainerConfig,
            default=TrainerConfig(name="baseline", steps=500),
            description="nested configuration objects",
        )
    )


if __name__ == "__main__":
    entrypoint()

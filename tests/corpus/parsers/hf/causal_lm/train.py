"""Entry point: everything that is to be configured lives in arguments.py."""

import json
from dataclasses import asdict

from arguments import AVAILABLE, get_args


def main():
    model_args, data_args, optim_args = get_args()
    assert data_args.split in AVAILABLE
    print(
        json.dumps(
            {"model": asdict(model_args), "data": asdict(data_args), "optim": asdict(optim_args)},
            default=lambda value: value.value,
        )
    )


if __name__ == "__main__":
    main()

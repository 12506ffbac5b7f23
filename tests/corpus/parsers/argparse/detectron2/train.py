#!/usr/bin/env python
"""
A main training script.
"""

import json

from engine import default_argument_parser, launch


def main(args):
    print(json.dumps(vars(args)))


def invoke_main() -> None:
    args = default_argument_parser().parse_args()
    print("Command Line Args:", args)
    launch(
        main,
        args.num_gpus,
        num_machines=args.num_machines,
        machine_rank=args.machine_rank,
        dist_url=args.dist_url,
        args=(args,),
    )


if __name__ == "__main__":
    invoke_main()  # pragma: no cover

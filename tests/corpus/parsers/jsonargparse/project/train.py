"""An ArgumentParser that takes signatures from a package."""

import json

from jsonargparse import ActionConfigFile, ActionYesNo, ArgumentParser
from net.data import DataConfig
from net.model import ResNet, build_scheduler


def get_parser() -> ArgumentParser:
    parser = ArgumentParser(description=__doc__)
    parser.add_argument("--cfg", action=ActionConfigFile, help="a YAML file")
    parser.add_argument("--epochs", type=int, default=10, help="passes over the data")
    parser.add_argument("--trainer.devices", type=int, default=1)
    parser.add_argument("--trainer.precision", choices=["16", "32"], default="32")
    parser.add_argument("--amp", action=ActionYesNo, default=False)
    parser.add_argument("--debug", action="store_true")
    parser.add_argument("--deterministic", type=bool, default=True)
    parser.add_argument("--gpus", type=int, nargs="+")
    parser.add_argument("--data", type=DataConfig)
    parser.add_class_arguments(ResNet, "model")
    parser.add_function_arguments(build_scheduler, "scheduler", skip={"optimizer"})
    parser.link_arguments("data.classes", "model.classes")
    return parser


def main():
    config = get_parser().parse_args()
    received = config.as_dict()
    received.pop("cfg")
    print(json.dumps(received, default=str))


main()

"""The table of settings, and the settings in force."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from runctl.core.config.kinds import (
    COUNT,
    INTERPRETER,
    NAME,
    PATH,
    RELATIVE_PATHS,
    S3_URI,
    SECONDS,
    SIGNAL,
    one_of,
    optional,
)
from runctl.core.config.setting import InForce, Place, Setting
from runctl.core.errors import UsageError
from runctl.core.text import printable


class Config:
    """The settings in force, each an attribute; frozen. To add a setting, add a row here and nothing else.

    Paths are absolute unless a row says otherwise; a setting whose default is "" or [] may be empty, which
    means none and undoes what a lower source gave; every other empty value is an error.
    """

    __slots__ = ("in_force", "place")

    home = Setting(
        PATH,
        default="~/.runctl",
        help="where run folders live",
        example="/data/runctl",
        user_only="a project's file may not move a user's runs",
    )
    python = Setting(
        optional(INTERPRETER),
        default="",
        help="interpreter to use for scripts instead of a prepared environment",
        example="python3.12",
    )
    env_file = Setting(
        optional(PATH),
        default="",
        help="file with environment variables for scripts",
        example=".env",
    )
    grace = Setting(
        SECONDS,
        default=30,
        help="time a script has from the stop signal to the kill",
        example="2m",
    )
    stop_signal = Setting(
        SIGNAL,
        default="SIGTERM",
        help="signal that asks a script to stop",
        example="SIGINT",
    )
    checkpoint_dir = Setting(
        RELATIVE_PATHS,
        default=[],
        help="folders in which a script writes checkpoints, relative to its working folder",
        example=["checkpoints"],
    )
    output_dir = Setting(
        RELATIVE_PATHS,
        # what Hydra, Lightning, TensorBoard, W&B, MLflow and Hugging Face's examples write to, and usual names
        default=[
            *("outputs", "output", "results", "runs", "checkpoints", "models"),
            *("logs", "lightning_logs", "tb_logs", "wandb", "mlruns"),
        ],
        help="folders in which a script writes results, relative to its working folder",
        example=["outputs"],
    )
    output_s3 = Setting(
        optional(S3_URI),
        default="",
        help="where runs on other machines send their results; each under its own id",
        example="s3://my-bucket/results",
    )
    region = Setting(
        optional(NAME),
        default="",
        help="AWS region; without it AWS_REGION, AWS_DEFAULT_REGION or the profile's",
        example="eu-west-1",
    )
    profile = Setting(
        optional(NAME),
        default="",
        help="profile of ~/.aws to take credentials from; without it AWS's own rules",
        example="research",
    )
    transport = Setting(
        one_of("auto", "ssh", "ssm"),
        default="auto",
        help="how instances are reached; auto: ssh where its port is open, else ssm",
        example="ssm",
    )
    max_instances = Setting(
        COUNT,
        default=10,
        help="how many of runctl's instances may exist in a region before a creation is refused",
        example=4,
    )
    address_service = Setting(
        NAME,
        default="https://checkip.amazonaws.com",
        help="page that answers with this machine's public address, to which alone port 22 is opened",
        example="https://ifconfig.me/ip",
    )

    def __init__(self, in_force: Mapping[str, InForce], place: Place) -> None:
        self.in_force = in_force
        self.place = place

    def origins(self) -> list[InForce]:
        """Every setting as (key, value, origin), in the table's order."""
        return [self.in_force[name] for name in SETTINGS]

    def override(self, **flags: object) -> Config:
        """A Config in which `flags` win; a flag that is None was not given.

        Takes text, or a list of texts where the setting is one. Raises UsageError naming the flag.
        """
        in_force = dict(self.in_force)
        for name, value in flags.items():
            if value is None:
                continue
            flag = "--" + name.replace("_", "-")
            if isinstance(value, (str, Path)):
                in_force[name] = SETTINGS[name].read_text(os.fspath(value), flag, self.place)
            else:
                in_force[name] = SETTINGS[name].read(value, flag, self.place)
        return Config(in_force, self.place)


SETTINGS: dict[str, Setting[Any]] = {
    name: setting for name, setting in vars(Config).items() if isinstance(setting, Setting)
}


def setting_called(key: str, origin: str = "") -> Setting[Any]:
    """The setting called `key`. Raises UsageError with `origin` and the nearest setting if there is none."""
    if key in SETTINGS:
        return SETTINGS[key]
    where = f"{printable(origin)}: " if origin else ""
    raise UsageError(f"{where}there is no setting '{printable(key)}'", hint=nearest(key))


def nearest(key: str) -> str:
    """A hint at the setting that `key` may have meant; all settings when none is near."""
    import difflib

    near = difflib.get_close_matches(key.lower().replace("-", "_"), SETTINGS, n=1)
    return f"did you mean '{near[0]}'?" if near else f"the settings are: {', '.join(SETTINGS)}"

"""Hydra's own word for which keys its configuration has, and which groups can be chosen."""

from __future__ import annotations

from typing import Any

from hydra._internal.hydra import Hydra
from hydra.core.object_type import ObjectType
from hydra.types import RunMode
from omegaconf import DictConfig, OmegaConf

from truth import Parsed, Run


def flags(run: Run) -> dict[str, dict[str, Any]]:
    """Every key below which there are none, and every group of the defaults lists."""
    found: dict[str, dict[str, Any]] = {}

    def watch(hydra: Hydra, config_name: str | None, *args: Any, **kwargs: Any) -> None:
        cfg = hydra.compose_config(config_name, [], RunMode.RUN, with_log_configuration=False)
        groups = {
            key: cfg.hydra.runtime.choices[key] for key in cfg.hydra.runtime.choices if not key.startswith("hydra/")
        }
        for key in groups:
            options = hydra.config_loader.get_group_options(key.partition("@")[0], ObjectType.CONFIG)
            found[key] = {"choices": sorted(options)}
        OmegaConf.set_struct(cfg, False)
        cfg.pop("hydra")
        for key, about in _leaves(cfg, ""):
            found.setdefault(key, about)
        raise Parsed

    def merged(*configs: Any) -> DictConfig:
        result = merge(*configs)
        if any(config is _FROM_CLI for config in configs):
            found.update(_leaves(result, ""))
            raise Parsed
        return result

    merge = OmegaConf.merge
    Hydra.run = watch
    OmegaConf.from_cli = staticmethod(lambda *_: _FROM_CLI)
    OmegaConf.merge = staticmethod(merged)
    try:
        run([])
    except Parsed:
        pass
    return found


_FROM_CLI = OmegaConf.create({})


def _leaves(node: DictConfig, prefix: str) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for key in node:
        below = node._get_node(key)
        if isinstance(below, DictConfig) and not (below._is_missing() or below._is_none()) and len(below):
            found.extend(_leaves(below, f"{prefix}{key}."))
        else:
            found.append((f"{prefix}{key}", _about(node, str(key))))
    return found


def _about(node: DictConfig, key: str) -> dict[str, Any]:
    if OmegaConf.is_missing(node, key):
        return {"required": True}
    about: dict[str, Any] = {"required": False}
    value = None if OmegaConf.is_interpolation(node, key) else node[key]
    if isinstance(value, (bool, int, float, str)):
        about["default"] = value
    return about

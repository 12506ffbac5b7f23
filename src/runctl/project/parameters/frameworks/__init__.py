"""What the functions of each framework do, as far as reading a parser needs it: one module a framework."""

# top-level module that a script imports → the modules here that model it
FRAMEWORKS = {
    "builtins": ("configurator",),
    "argparse": ("argparse.parser",),
    "configargparse": ("argparse.parser",),
    "click": ("click.commands",),
    "rich_click": ("click.commands",),
    "asyncclick": ("click.commands",),
    "typer": ("click.commands", "typer.apps"),
    "dataclasses": ("dataclass_fields",),
    "transformers": ("hf.parser",),
    "trl": ("hf.parser",),
    "tyro": ("tyro.cli",),
    "simple_parsing": ("simple_parsing.parser",),
    "lightning": ("jsonargparse.parser",),
    "pytorch_lightning": ("jsonargparse.parser",),
    "jsonargparse": ("jsonargparse.parser",),
    "fire": ("fire.component",),
    "absl": ("absl.flags",),
    "tensorflow": ("absl.flags",),
    "ml_collections": ("absl.flags",),
    "hydra": ("hydra.config",),
    "omegaconf": ("hydra.config",),
}

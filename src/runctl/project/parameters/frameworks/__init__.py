"""What the functions of each framework do, as far as reading a parser needs it: one module a framework."""

# top-level module that a script imports → the modules here that model it
FRAMEWORKS = {
    "builtins": ("configurator",),
    "argparse": ("argparse_parser",),
    "configargparse": ("argparse_parser",),
    "click": ("click_commands",),
    "rich_click": ("click_commands",),
    "asyncclick": ("click_commands",),
    "typer": ("click_commands", "typer_apps"),
    "dataclasses": ("dataclass_fields",),
    "transformers": ("hf_parser",),
    "trl": ("hf_parser",),
    "tyro": ("tyro_cli",),
    "simple_parsing": ("simple_parsing_parser",),
    "jsonargparse": ("jsonargparse_parser",),
    "fire": ("fire_component",),
    "absl": ("absl_flags",),
    "tensorflow": ("absl_flags",),
    "ml_collections": ("absl_flags",),
    "hydra": ("hydra_config",),
    "omegaconf": ("hydra_config",),
}

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Optional, Union

from transformers import HfArgumentParser, set_seed


@dataclass
class CommonArguments:
    seed: int = field(default=0)
    run_name: Optional[str] = None


@dataclass
class H4Arguments(CommonArguments):
    """Alignment arguments."""

    beta: float = field(default=0.1, metadata={"help": "The beta factor in DPO loss."})
    max_length: Union[int, str] = field(default=1024)
    chat_template: Optional[str] = field(default=None, metadata={"help": "The chat template to use."})
    do_eval: bool = field(default=True)
    truncation_side: Optional[str] = field(default=None, metadata={"choices": ["left", "right"]})
    notes: str = ""


@dataclass
class PathArguments:
    output: Path = field(default=Path("out"))
    resume: Optional[str] = None


class ArgumentReader(HfArgumentParser):
    """Flags, or one file that says it all."""

    def parse(self):
        if len(sys.argv) == 2 and Path(sys.argv[1]).suffix in (".yaml", ".yml"):
            return self.parse_yaml_file(sys.argv[1])
        return self.parse_args_into_dataclasses(look_for_args_file=False)


if __name__ == "__main__":
    paths, config = ArgumentReader((PathArguments, H4Arguments)).parse()
    set_seed(config.seed)
    print(json.dumps({**asdict(paths), **asdict(config)}, default=str))

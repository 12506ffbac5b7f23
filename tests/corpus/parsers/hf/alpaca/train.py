#    Copyright 2023 Rohan Taori, Ishaan Gulrajani, Tianyi Zhang (style only)
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Optional

import transformers
from utils.config import TrainingArguments, to_dict

IGNORE_INDEX = -100
DEFAULT_PAD_TOKEN = "[PAD]"


@dataclass
class ModelArguments:
    model_name_or_path: Optional[str] = field(default="facebook/opt-125m")


@dataclass
class DataArguments:
    data_path: str = field(default=None, metadata={"help": "Path to the training data."})


@dataclass
class LoraArguments:
    lora_r: int = 8
    lora_alpha: int = 16
    lora_dropout: float = 0.05
    q_lora: bool = False


@dataclass
class LongTrainingArguments(TrainingArguments):
    cache_dir: Optional[str] = field(default=None)
    optim: str = field(default="adamw_torch")
    model_max_length: int = field(
        default=512,
        metadata={"help": "Maximum sequence length. Sequences will be right padded (and possibly truncated)."},
    )


def train():
    parser = transformers.HfArgumentParser((ModelArguments, DataArguments, LongTrainingArguments, LoraArguments))
    model_args, data_args, training_args, lora_args = parser.parse_args_into_dataclasses()
    report: Sequence = (model_args, data_args, training_args, lora_args)
    print(json.dumps(to_dict(*report)))


if __name__ == "__main__":
    train()

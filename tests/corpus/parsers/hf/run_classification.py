#!/usr/bin/env python
"""Finetuning the library models for sequence classification (in the style of transformers' run_glue.py)."""

import json
import logging
import os
import sys
from dataclasses import asdict, dataclass, field
from typing import Optional

from transformers import HfArgumentParser

logger = logging.getLogger(__name__)

task_to_keys = {
    "cola": ("sentence", None),
    "mnli": ("premise", "hypothesis"),
    "mrpc": ("sentence1", "sentence2"),
    "sst2": ("sentence", None),
}


@dataclass
class DataTrainingArguments:
    """
    Arguments pertaining to what data we are going to input our model for training and eval.

    Using `HfArgumentParser` we can turn this class into argparse arguments to be able to specify them on
    the command line.
    """

    task_name: Optional[str] = field(
        default=None,
        metadata={"help": "The name of the task to train on: " + ", ".join(task_to_keys.keys())},
    )
    dataset_name: Optional[str] = field(
        default=None, metadata={"help": "The name of the dataset to use (via the datasets library)."}
    )
    max_seq_length: int = field(
        default=128,
        metadata={
            "help": (
                "The maximum total input sequence length after tokenization. Sequences longer "
                "than this will be truncated, sequences shorter will be padded."
            )
        },
    )
    overwrite_cache: bool = field(
        default=False, metadata={"help": "Overwrite the cached preprocessed datasets or not."}
    )
    pad_to_max_length: bool = field(
        default=True,
        metadata={"help": "Whether to pad all samples to `max_seq_length`."},
    )
    max_train_samples: Optional[int] = field(
        default=None, metadata={"help": "For debugging purposes, truncate the number of training examples."}
    )
    train_file: Optional[str] = field(
        default=None, metadata={"help": "A csv or a json file containing the training data."}
    )

    def __post_init__(self):
        if self.task_name is not None:
            self.task_name = self.task_name.lower()
            if self.task_name not in task_to_keys:
                raise ValueError("Unknown task, you should pick one in " + ",".join(task_to_keys.keys()))
        elif self.dataset_name is None and self.train_file is None:
            raise ValueError("Need either a GLUE task, a training file or a dataset name.")


@dataclass
class ModelArguments:
    """Arguments pertaining to which model/config/tokenizer we are going to fine-tune from."""

    model_name_or_path: str = field(
        metadata={"help": "Path to pretrained model or model identifier from huggingface.co/models"}
    )
    cache_dir: Optional[str] = field(default=None)
    use_fast_tokenizer: bool = field(
        default=True,
        metadata={"help": "Whether to use one of the fast tokenizer (backed by the tokenizers library) or not."},
    )
    model_revision: str = field(default="main", metadata={"help": "The specific model version to use."})
    trust_remote_code: bool = field(default=False)


@dataclass
class TrainArguments:
    output_dir: str = field(metadata={"help": "Where checkpoints are written."})
    learning_rate: float = field(default=5e-5, metadata={"help": "The initial learning rate for AdamW."})
    num_train_epochs: float = field(default=3.0)
    per_device_train_batch_size: int = 8
    weight_decay: float = 0.0
    max_steps: int = field(default=-1, metadata={"help": "If > 0: set total number of training steps (100%% of it)."})
    fp16: bool = field(default=False)
    bf16_full_eval: Optional[bool] = field(default=None)
    seed: int = 42


def main():
    parser = HfArgumentParser((ModelArguments, DataTrainingArguments, TrainArguments))
    if len(sys.argv) == 2 and sys.argv[1].endswith(".json"):
        # If we pass only one argument to the script and it's the path to a json file,
        # let's parse it to get our arguments.
        model_args, data_args, training_args = parser.parse_json_file(json_file=os.path.abspath(sys.argv[1]))
    else:
        model_args, data_args, training_args = parser.parse_args_into_dataclasses()

    logging.basicConfig(level=logging.WARNING, handlers=[logging.StreamHandler(sys.stderr)])
    logger.info(f"Training/evaluation parameters {training_args}")
    print(json.dumps({**asdict(model_args), **asdict(data_args), **asdict(training_args)}))


if __name__ == "__main__":
    main()

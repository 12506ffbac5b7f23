"""Instruction tuning of a causal language model, in the style of tloen/alpaca-lora."""

import json
import sys
from typing import List

import fire


def train(
    # model/data params
    base_model: str = "",  # the only required argument
    data_path: str = "yahma/alpaca-cleaned",
    output_dir: str = "./lora-alpaca",
    # training hyperparams
    batch_size: int = 128,
    micro_batch_size: int = 4,
    num_epochs: int = 3,
    learning_rate: float = 3e-4,
    cutoff_len: int = 256,
    val_set_size: int = 2000,
    # lora hyperparams
    lora_r: int = 8,
    lora_alpha: int = 16,
    lora_dropout: float = 0.05,
    lora_target_modules: List[str] = [
        "q_proj",
        "v_proj",
    ],
    # llm hyperparams
    train_on_inputs: bool = True,
    add_eos_token: bool = False,
    group_by_length: bool = False,
    # wandb params
    wandb_project: str = "",
    wandb_run_name: str = "",
    wandb_watch: str = "",  # options: false | gradients | all
    resume_from_checkpoint: str = None,
    prompt_template_name: str = "alpaca",
):
    assert base_model, "Please specify a --base_model, e.g. --base_model='huggyllama/llama-7b'"
    print(json.dumps(locals()))
    sys.stdout.flush()


if __name__ == "__main__":
    fire.Fire(train)

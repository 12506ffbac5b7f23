"""TRL's SFTTrainer on a random tiny model, nothing downloaded: `pip install trl torch==2.13.0`, then
`python trl_sft.py`."""

import tempfile
import warnings

import torch
from datasets import Dataset
from tokenizers import Tokenizer, models, pre_tokenizers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast
from trl import SFTConfig, SFTTrainer

WORDS = ["the", "a", "cat", "dog", "sat", "ran", "on", "under", "mat", "tree", "and", "then", "slept"]


def main() -> None:
    warnings.simplefilter("ignore")
    torch.manual_seed(1)
    vocabulary = {word: index for index, word in enumerate(["<pad>", "<unk>", "<eos>", *WORDS])}
    words = Tokenizer(models.WordLevel(vocabulary, unk_token="<unk>"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    special = {"pad_token": "<pad>", "unk_token": "<unk>", "eos_token": "<eos>"}
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=words, **special)
    sizes = {"hidden_size": 16, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2}
    model = LlamaForCausalLM(LlamaConfig(vocab_size=len(vocabulary), pad_token_id=0, eos_token_id=2, **sizes))
    texts = [" ".join(WORDS[(index + offset) % len(WORDS)] for offset in range(8)) for index in range(64)]
    with tempfile.TemporaryDirectory() as folder:
        settings = SFTConfig(
            folder, num_train_epochs=2, logging_steps=4, report_to=[], use_cpu=True, bf16=False, learning_rate=1e-2
        )
        data = Dataset.from_dict({"text": texts})
        SFTTrainer(model, settings, train_dataset=data, processing_class=tokenizer).train()


if __name__ == "__main__":
    main()

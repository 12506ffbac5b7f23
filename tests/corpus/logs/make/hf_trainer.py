"""transformers.Trainer on random tokens: `pip install transformers accelerate torch==2.13.0`, then
`python hf_trainer.py [steps]`."""

import sys
import tempfile

import torch
from transformers import BertConfig, BertForSequenceClassification, Trainer, TrainingArguments


def examples(count: int) -> list[dict]:
    generator = torch.Generator().manual_seed(count)
    rows = torch.randint(5, 100, (count, 12), generator=generator)
    return [{"input_ids": row, "labels": int(row[0] > 50)} for row in rows]


def main() -> None:
    torch.manual_seed(1)
    sizes = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    model = BertForSequenceClassification(BertConfig(vocab_size=100, num_labels=2, **sizes))
    by_steps = {"max_steps": 60, "logging_steps": 10, "eval_strategy": "steps", "eval_steps": 20}
    by_epochs = {"num_train_epochs": 3, "logging_steps": 10, "eval_strategy": "epoch"}
    with tempfile.TemporaryDirectory() as folder:
        settings = TrainingArguments(
            folder,
            per_device_train_batch_size=8,
            learning_rate=1e-3,
            save_strategy="no",
            report_to=[],
            use_cpu=True,
            **(by_steps if "steps" in sys.argv else by_epochs),
        )
        trainer = Trainer(
            model,
            settings,
            train_dataset=examples(160),
            eval_dataset=examples(40),
            compute_metrics=lambda answer: {"accuracy": float((answer[0].argmax(1) == answer[1]).mean())},
        )
        result = trainer.train()
        if "steps" in sys.argv:
            trainer.log_metrics("train", result.metrics)
            trainer.log_metrics("eval", trainer.evaluate())


if __name__ == "__main__":
    main()

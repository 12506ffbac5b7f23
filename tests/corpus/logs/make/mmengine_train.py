"""mmengine's Runner: `pip install mmengine torch==2.13.0`, then `python mmengine_train.py`."""

import logging
import tempfile

import torch
from mmengine.evaluator import BaseMetric
from mmengine.model import BaseModel
from mmengine.runner import Runner
from torch.utils.data import TensorDataset


class Classifier(BaseModel):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(16, 2)

    def forward(self, inputs, labels, mode):
        outputs = self.layer(inputs)
        if mode == "predict":
            return outputs, labels
        return {"loss_cls": torch.nn.functional.cross_entropy(outputs, labels), "loss_reg": outputs.square().mean()}


class Accuracy(BaseMetric):
    default_prefix = "toy"

    def process(self, data_batch, data_samples):
        outputs, labels = data_samples
        self.results.append((outputs.argmax(1) == labels).float().mean())

    def compute_metrics(self, results):
        return {"accuracy": sum(results) / len(results)}


def main() -> None:
    torch.manual_seed(1)
    inputs = torch.rand(800, 16)
    data = TensorDataset(inputs, (inputs.sum(1) > 8).long())
    loader = {"batch_size": 16, "dataset": data, "sampler": {"type": "DefaultSampler", "shuffle": True}}
    loader["collate_fn"] = {"type": "default_collate"}
    with tempfile.TemporaryDirectory() as folder:
        Runner(
            Classifier(),
            folder,
            train_dataloader=loader,
            val_dataloader=loader,
            train_cfg={"by_epoch": True, "max_epochs": 3, "val_interval": 1},
            val_cfg={},
            val_evaluator={"type": Accuracy},
            optim_wrapper={"optimizer": {"type": "Adam", "lr": 0.01}},
            log_level=logging.INFO,
        ).train()


if __name__ == "__main__":
    main()

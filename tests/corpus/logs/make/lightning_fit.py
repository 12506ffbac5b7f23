"""Lightning on random data: `pip install lightning torch==2.13.0`, then
`python lightning_fit.py tqdm|rich|csv [validate] [logger]`."""

import sys
import tempfile
import warnings

import lightning
import torch
from lightning.pytorch.callbacks import RichProgressBar, TQDMProgressBar
from lightning.pytorch.loggers import CSVLogger
from torch.utils.data import DataLoader, TensorDataset


class Classifier(lightning.LightningModule):
    def __init__(self) -> None:
        super().__init__()
        self.layer = torch.nn.Linear(16, 2)

    def shared_step(self, batch, stage: str):
        inputs, labels = batch
        outputs = self.layer(inputs)
        loss = torch.nn.functional.cross_entropy(outputs, labels)
        self.log(f"{stage}_loss", loss, prog_bar=True)
        self.log(f"{stage}_acc", (outputs.argmax(1) == labels).float().mean(), prog_bar=True)
        return loss

    def training_step(self, batch):
        return self.shared_step(batch, "train")

    def validation_step(self, batch):
        self.shared_step(batch, "val")

    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), 1e-2)


def main(kind: str) -> None:
    warnings.simplefilter("ignore")
    lightning.seed_everything(1)
    inputs = torch.rand(640, 16)
    data = TensorDataset(inputs, (inputs.sum(1) > 8).long())
    train, valid = DataLoader(data, 32, shuffle=True), DataLoader(data, 64)
    bar = {"tqdm": TQDMProgressBar(refresh_rate=4), "rich": RichProgressBar(refresh_rate=4), "csv": None}[kind]
    with tempfile.TemporaryDirectory() as folder:
        trainer = lightning.Trainer(
            max_epochs=3,
            accelerator="cpu",
            callbacks=[bar] if bar else [],
            enable_progress_bar=bar is not None,
            enable_checkpointing=False,
            logger=CSVLogger(folder) if kind == "csv" or "logger" in sys.argv else False,
            log_every_n_steps=5,
        )
        trainer.fit(Classifier(), train, valid)
        if kind == "csv":
            print(open(trainer.logger.experiment.metrics_file_path).read())  # as `tail -f metrics.csv` shows it
        if "validate" in sys.argv:
            trainer.validate(trainer.model, valid)


if __name__ == "__main__":
    main(sys.argv[1])

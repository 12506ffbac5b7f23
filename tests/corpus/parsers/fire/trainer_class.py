"""A class whose constructor takes the settings and whose methods are the commands."""

import json

import fire


class Trainer(object):
    """Trains and evaluates a sentence classifier."""

    def __init__(self, model="bert", lr=1e-3, seed=0, verbose=False):
        self.model = model
        self.lr = lr
        self.seed = seed
        self.verbose = verbose
        self._cache = {}

    def train(self, epochs, batch_size=32, *, warmup_steps=0, schedule="cosine"):
        """Trains from scratch.

        Args:
            epochs: passes over the data
            batch_size: sentences in a step
        """
        self._report(
            command="train", epochs=epochs, batch_size=batch_size, warmup_steps=warmup_steps, schedule=schedule
        )

    def evaluate(self, checkpoint, split="test"):
        """Evaluates a checkpoint."""
        self._report(command="evaluate", checkpoint=checkpoint, split=split)

    @staticmethod
    def download(dataset="sst2"):
        print(json.dumps({"command": "download", "dataset": dataset}))

    def _report(self, **received):
        received.update(model=self.model, lr=self.lr, seed=self.seed, verbose=self.verbose)
        print(json.dumps(received))


if __name__ == "__main__":
    fire.Fire(Trainer)

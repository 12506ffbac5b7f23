"""A class whose methods are the commands."""

import json

from jsonargparse import auto_cli


class Trainer:
    def __init__(self, root: str = "runs", seed: int = 0, deterministic: bool = False):
        """Holds what all commands share.

        Args:
            root: where results go
        """
        self.shared = {"root": root, "seed": seed, "deterministic": deterministic}

    def fit(self, epochs: int, lr: float = 0.1, *, accumulate: int = 1):
        self._report("fit", epochs=epochs, lr=lr, accumulate=accumulate)

    def evaluate(self, checkpoint: str = "last", batch_size: int = 8):
        self._report("evaluate", checkpoint=checkpoint, batch_size=batch_size)

    def clean(self):
        self._report("clean")

    def _report(self, command: str, **received):
        print(json.dumps({"command": command, **self.shared, **received}))


if __name__ == "__main__":
    auto_cli(Trainer, as_positional=False)

"""Functions of a module become commands: fire.Fire() with no argument."""

import fire

from lib.running import report
from lib.tasks import distill as distil_teacher


DEFAULT_LR = 3e-4


def pretrain(corpus, steps=1000, lr=DEFAULT_LR, **optimizer_options):
    """Trains from scratch; further options go to the optimizer."""
    report("pretrain", corpus=corpus, steps=steps, lr=lr, options=optimizer_options)


def finetune(task: str, *seeds, lr: float = DEFAULT_LR * 0.1, freeze: bool = False):
    """Trains on top of a checkpoint, once for each seed."""
    report("finetune", task=task, seeds=seeds, lr=lr, freeze=freeze)


if __name__ == "__main__":
    fire.Fire()

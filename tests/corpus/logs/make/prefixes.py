"""Log lines behind the prefixes that logging libraries and launchers add: `pip install loguru structlog absl-py
torch==2.13.0`, then `python prefixes.py NAME` (torchrun: `torchrun --tee 3 --nproc-per-node 2 prefixes.py torchrun`)."""

# ruff: noqa: E501 - the printed lines stay whole

import logging
import math
import os
import sys


def loss_at(step: int) -> float:
    return 0.2 + 2.1 * math.exp(-step / 60)


def stdlib() -> None:
    form = "%(asctime)s %(name)s[%(process)d] %(levelname)s: %(message)s"
    logging.basicConfig(level=logging.INFO, stream=sys.stdout, format=form)
    log = logging.getLogger("train")
    log.info("Loaded 50000 samples in 3.21 seconds")
    for step in range(0, 101, 10):
        log.info("step %d/%d - loss: %.4f - lr: %.2e", step, 100, loss_at(step), 3e-4)


def stdlib_short() -> None:
    logging.basicConfig(level=logging.INFO, format="%(levelname)s:%(name)s:%(message)s")
    for epoch in range(1, 6):
        logging.info("Epoch %d/5: train_loss=%.4f, val_loss=%.4f", epoch, loss_at(epoch * 9), loss_at(epoch * 9) + 0.1)


def loguru() -> None:
    from loguru import logger

    for step in range(0, 50, 10):
        logger.info(f"step={step} loss={loss_at(step):.4f} tokens/s={81234 + step}")


def structlog() -> None:
    import structlog

    log = structlog.get_logger()
    for step in range(0, 50, 10):
        log.info("train", step=step, loss=round(loss_at(step), 5), lr=0.0003)


def structlog_json() -> None:
    import structlog

    structlog.configure(processors=[structlog.processors.TimeStamper(fmt="iso"), structlog.processors.JSONRenderer()])
    log = structlog.get_logger()
    for step in range(0, 50, 10):
        log.info("train", step=step, loss=round(loss_at(step), 5), lr=0.0003)


def absl() -> None:
    """As flax/examples/mnist prints it."""
    from absl import app
    from absl import logging as absl_logging

    def main(_: list[str]) -> None:
        absl_logging.set_verbosity(absl_logging.INFO)
        for epoch in range(1, 6):
            loss = loss_at(epoch * 9)
            absl_logging.info(
                "epoch:% 3d, train_loss: %.4f, train_accuracy: %.2f, test_loss: %.4f, test_accuracy: %.2f",
                *(epoch, loss, 100 - loss * 9, loss + 0.1, 99 - loss * 9),
            )

    app.run(main, argv=sys.argv[:1])


def torchrun() -> None:
    """Two processes that both print the reduced loss; torchrun adds its own prefix before the script's."""
    rank = int(os.environ["RANK"])
    for step in range(0, 50, 10):
        print(f"[rank{rank}]: step {step} loss {loss_at(step):.4f} grad norm {1.5 - step / 100:.3f}", flush=True)


def hydra() -> None:
    """Hydra's prefix, and the figures in the middle of a sentence."""
    logging.basicConfig(
        level=logging.INFO, stream=sys.stdout, format="[%(asctime)s][%(name)s][%(levelname)s] - %(message)s"
    )
    for step in range(200, 1001, 200):
        message = "Training at step %d of 1000, current loss is %.3f (perplexity: %.2f)"
        logging.getLogger("__main__").info(message, step, loss_at(step), math.exp(loss_at(step)))


if __name__ == "__main__":
    globals()[sys.argv[1]]()

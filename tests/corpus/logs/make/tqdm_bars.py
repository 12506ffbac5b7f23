"""tqdm bars in their usual variants: `pip install tqdm`, then `python tqdm_bars.py VARIANT`."""

import math
import sys
import time

from tqdm import tqdm, trange


def loss_at(step: int) -> float:
    return 0.2 + 2.1 * math.exp(-step / 60)


def plain() -> None:
    for _ in tqdm(range(120), mininterval=0.1):
        time.sleep(0.005)


def postfix() -> None:
    for epoch in range(3):
        bar = tqdm(range(40), desc=f"Epoch {epoch + 1}/3", mininterval=0.1)
        for index in bar:
            step = epoch * 40 + index
            bar.set_postfix(loss=loss_at(step), acc=f"{step / 150:.3f}", lr=1e-3)
            time.sleep(0.01)


def nested() -> None:
    for epoch in trange(3, desc="epochs", position=0, mininterval=0.1):
        inner = tqdm(range(30), desc="train", position=1, leave=False, mininterval=0.1)
        for index in inner:
            inner.set_postfix(loss=f"{loss_at(epoch * 30 + index):.4f}")
            time.sleep(0.01)
        for _ in tqdm(range(10), desc="valid", position=1, leave=False, mininterval=0.1):
            time.sleep(0.01)
        tqdm.write(f"epoch {epoch}: val_loss={loss_at(epoch * 30 + 30) + 0.05:.4f}")


def unknown_total() -> None:
    bar = tqdm((index for index in range(100)), desc="Training", mininterval=0.1)
    for index in bar:
        bar.set_description(f"Training loss={loss_at(index):.3f}")
        time.sleep(0.01)


def unit() -> None:
    bar = tqdm(total=6400, desc="Epoch 1", unit="img", mininterval=0.1)
    for index in range(100):
        bar.set_postfix(**{"loss (batch)": loss_at(index)})
        bar.update(64)
        time.sleep(0.005)
    bar.close()


def set_description() -> None:
    bar = tqdm(range(200), mininterval=0.1)
    for index in bar:
        bar.set_description(f"loss: {loss_at(index):.4f} | acc: {index / 2.1:.2f}%")
        time.sleep(0.005)


def download() -> None:
    bar = tqdm(total=46_830_571, desc="train-images.bin", unit="B", unit_scale=True, unit_divisor=1024, mininterval=0.1)
    for _ in range(60):
        bar.update(46_830_571 // 60)
        time.sleep(0.01)
    bar.close()


if __name__ == "__main__":
    globals()[sys.argv[1]]()

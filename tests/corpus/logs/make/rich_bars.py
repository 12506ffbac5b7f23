"""rich.progress and tqdm.rich bars: `pip install rich tqdm`, then `python rich_bars.py progress|tqdm_rich`."""

import math
import sys
import time
import warnings

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from tqdm.rich import tqdm as rich_tqdm


def loss_at(step: int) -> float:
    return 0.2 + 2.1 * math.exp(-step / 60)


def progress() -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("loss: {task.fields[loss]:.4f}"),
    )
    with Progress(*columns) as bars:
        for epoch in range(2):
            task = bars.add_task(f"Epoch {epoch + 1}/2", total=50, loss=0.0)
            for index in range(50):
                bars.update(task, advance=1, loss=loss_at(epoch * 50 + index))
                time.sleep(0.01)


def tqdm_rich() -> None:
    warnings.simplefilter("ignore")
    for _ in rich_tqdm(range(60), desc="Training"):
        time.sleep(0.01)


if __name__ == "__main__":
    globals()[sys.argv[1]]()

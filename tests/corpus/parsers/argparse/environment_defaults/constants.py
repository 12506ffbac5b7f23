from pathlib import Path

EPOCHS = 12
LEARNING_RATES = {"small": 1e-3, "large": 3e-4}
DEFAULT_SIZE = "small"
ROOT = Path(__file__).parent
BATCH = 2 * 16
NAME = f"run-{DEFAULT_SIZE}"


class Defaults:
    seed = 1234
    devices = [0, 1]

"""What the tests of the seed document's usage blocks share: a shell to type them into, and a project to train."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]

# the digits as the project's own files have them, a line a digit: 64 pixels, and which digit it is
LEARNS_FROM_FILES = """
import argparse, glob, os
import numpy as np
from sklearn.neural_network import MLPClassifier

parser = argparse.ArgumentParser()
parser.add_argument("--epochs", type=int, default=3)
parser.add_argument("--lr", type=float, default=0.002)
parser.add_argument("--batch-size", type=int, default=32)
parser.add_argument("--other-arg", default="none")
args = parser.parse_args()
folder = FOLDER
rows = np.concatenate([np.loadtxt(path, ndmin=2) for path in sorted(glob.glob(os.path.join(folder, "*.txt")))])
images, digits = rows[:, :-1] / 16, rows[:, -1]
print(len(rows), "digits to learn from, other_arg", args.other_arg, "container", os.path.exists("/.dockerenv"))
model = MLPClassifier([64], learning_rate_init=args.lr, batch_size=args.batch_size, random_state=0)
for epoch in range(1, args.epochs + 1):
    model.partial_fit(images, digits, classes=np.unique(digits))
    accuracy = model.score(images, digits)
    print(f"Epoch {epoch}/{args.epochs}  loss {model.loss_:.4f}  accuracy {accuracy:.4f}")
os.makedirs(RESULTS, exist_ok=True)
np.savez(os.path.join(RESULTS, "model.npz"), accuracy=accuracy, *model.coefs_)
"""
# writes the digits into a folder, a file for each of so many parts
WRITES_DIGITS = """
import sys
import numpy as np
from sklearn.datasets import load_digits
digits = load_digits()
rows = np.column_stack([digits.data, digits.target])
for number, part in enumerate(np.array_split(rows, int(sys.argv[2]))):
    np.savetxt(f"{sys.argv[1]}/part {number:04}.txt", part, fmt="%d")
"""
# prints how good a model is that was written into a file
READS_MODEL = "import sys, numpy; print(numpy.load(sys.argv[1])['accuracy'])"


def project(folder: Path, learns_from: str, results: str = "outputs") -> None:
    """A project whose train.py trains a real model on the digits in a folder, and writes it into another."""
    text = LEARNS_FROM_FILES.replace("FOLDER", repr(learns_from)).replace("RESULTS", repr(results))
    (folder / "train.py").write_text(text)


def shell(script: str, **variables: str) -> str:
    """What a user's shell says to a script that must succeed: stdout, and stderr after it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, **variables}
    done = subprocess.run(["bash", "-c", f"set -eux\n{script}"], capture_output=True, text=True, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def accuracies(output: str) -> list[float]:
    """What each epoch of a training said."""
    return [float(found) for found in re.findall(r"accuracy ([0-9.]+)", output)]

# /// script
# requires-python = ">=3.10"
# dependencies = ["scikit-learn>=1.4"]
# ///
"""Trains a small neural network on the 1,797 handwritten digits that come with scikit-learn.

It knows nothing of runctl, which reads its parser and its output.
"""

import argparse
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.metrics import log_loss
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--lr", type=float, default=0.002, help="the optimizer's first step size")
    parser.add_argument("--hidden", type=int, nargs="+", default=[128], help="neurons in each hidden layer")
    parser.add_argument("--batch-size", type=int, default=32)
    parser.add_argument("--activation", choices=["relu", "tanh", "logistic"], default="relu")
    parser.add_argument("--data", type=Path, help="a CSV of 64 pixels and the digit a line (default: scikit-learn's)")
    parser.add_argument("--checkpoint-dir", type=Path, default=Path("checkpoints"))
    args = parser.parse_args()

    images, digits = load(args.data)
    train_x, test_x, train_y, test_y = train_test_split(images, digits, test_size=0.25, random_state=0, stratify=digits)
    classes = np.unique(digits)
    model = MLPClassifier(
        args.hidden,
        activation=args.activation,
        learning_rate_init=args.lr,
        batch_size=args.batch_size,
        random_state=0,
    )
    print(f"{len(train_x)} images to learn from, {len(test_x)} to test with")

    order = np.random.default_rng(0)
    accuracy = 0.0
    for epoch in range(1, args.epochs + 1):
        for batch in np.array_split(order.permutation(len(train_x)), len(train_x) // args.batch_size):
            model.partial_fit(train_x[batch], train_y[batch], classes=classes)
        loss = log_loss(test_y, model.predict_proba(test_x), labels=classes)
        accuracy = model.score(test_x, test_y)
        print(f"Epoch {epoch}/{args.epochs}  loss {loss:.4f}  accuracy {accuracy:.4f}")
        if epoch % 10 == 0 or epoch == args.epochs:
            save(model, args.checkpoint_dir / f"epoch_{epoch}.npz")
    print(f"accuracy on the test images: {accuracy:.4f}")


def load(path: Path | None) -> tuple[np.ndarray, np.ndarray]:
    if path is None:
        found = load_digits()
        return found.data / 16, found.target
    rows = np.loadtxt(path, delimiter=",")
    return rows[:, :-1] / 16, rows[:, -1].astype(int)


def save(model: MLPClassifier, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    layers = {f"weights_{index}": weights for index, weights in enumerate(model.coefs_)}
    biases = {f"biases_{index}": values for index, values in enumerate(model.intercepts_)}
    temporary = path.with_suffix(".tmp.npz")
    np.savez(temporary, **layers, **biases)
    temporary.replace(path)


if __name__ == "__main__":
    main()

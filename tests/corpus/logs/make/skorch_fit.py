"""skorch's table: `pip install skorch torch==2.13.0`, then `python skorch_fit.py`."""

import torch
from sklearn.datasets import load_digits
from skorch import NeuralNetClassifier
from skorch.callbacks import EpochScoring


def main() -> None:
    torch.manual_seed(1)
    inputs, labels = load_digits(return_X_y=True)
    module = torch.nn.Sequential(torch.nn.Linear(64, 32), torch.nn.ReLU(), torch.nn.Linear(32, 10))
    score = EpochScoring("f1_macro", lower_is_better=False, name="valid_f1")
    net = NeuralNetClassifier(module, criterion=torch.nn.CrossEntropyLoss, max_epochs=8, lr=0.01, callbacks=[score])
    net.fit(inputs.astype("float32"), labels)


if __name__ == "__main__":
    main()

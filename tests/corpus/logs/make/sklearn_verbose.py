"""scikit-learn's own verbose output: `pip install scikit-learn`, then `python sklearn_verbose.py NAME`."""

import sys

from sklearn.cluster import KMeans
from sklearn.datasets import load_digits
from sklearn.ensemble import GradientBoostingClassifier
from sklearn.linear_model import SGDClassifier
from sklearn.neural_network import MLPClassifier

INPUTS, LABELS = load_digits(return_X_y=True)


def mlp() -> None:
    MLPClassifier((32,), max_iter=25, early_stopping=True, verbose=True, random_state=1).fit(INPUTS, LABELS)


def gradient_boosting() -> None:
    GradientBoostingClassifier(n_estimators=30, subsample=0.8, verbose=1, random_state=1).fit(INPUTS, LABELS)


def sgd() -> None:
    SGDClassifier(max_iter=8, tol=None, verbose=1, random_state=1).fit(INPUTS, LABELS > 4)


def kmeans() -> None:
    KMeans(10, n_init=1, verbose=1, random_state=1).fit(INPUTS)


if __name__ == "__main__":
    globals()[sys.argv[1]]()

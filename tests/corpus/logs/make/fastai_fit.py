"""fastai on a random table: `pip install fastai torch==2.13.0`, then `python fastai_fit.py`."""

import numpy
import pandas
from fastai.tabular.all import TabularDataLoaders, accuracy, tabular_learner


def main() -> None:
    generator = numpy.random.default_rng(1)
    table = pandas.DataFrame(generator.random((800, 6)), columns=list("abcdef"))
    table["label"] = (table.sum(axis=1) > 3).map({True: "high", False: "low"})
    loaders = TabularDataLoaders.from_df(table, y_names="label", cont_names=list("abcdef"), bs=64, device="cpu")
    learner = tabular_learner(loaders, layers=[20], metrics=accuracy)
    learner.fit_one_cycle(4, 1e-2)


if __name__ == "__main__":
    main()

"""Gradient boosting: `pip install xgboost-cpu lightgbm catboost scikit-learn`, then `python boosting.py NAME`."""

import sys

import numpy
from sklearn.datasets import make_classification
from sklearn.model_selection import train_test_split

INPUTS, LABELS = make_classification(1500, 20, n_informative=8, random_state=1)
SPLIT = train_test_split(INPUTS, LABELS, random_state=1)


def xgboost() -> None:
    import xgboost

    train, valid = xgboost.DMatrix(SPLIT[0], SPLIT[2]), xgboost.DMatrix(SPLIT[1], SPLIT[3])
    settings = {"objective": "binary:logistic", "eval_metric": ["logloss", "auc"], "eta": 0.2}
    xgboost.train(settings, train, 30, evals=[(train, "train"), (valid, "eval")])


def xgboost_sklearn() -> None:
    import xgboost

    model = xgboost.XGBRegressor(n_estimators=40, early_stopping_rounds=5)
    noisy = INPUTS @ numpy.arange(20) + numpy.random.default_rng(0).normal(size=1500)
    train, valid, train_target, valid_target = train_test_split(INPUTS, noisy, random_state=1)
    model.fit(train, train_target, eval_set=[(train, train_target), (valid, valid_target)], verbose=5)


def lightgbm(*extra) -> None:
    import lightgbm

    train = lightgbm.Dataset(SPLIT[0], SPLIT[2])
    valid = lightgbm.Dataset(SPLIT[1], SPLIT[3], reference=train)
    settings = {"objective": "binary", "metric": ["binary_logloss", "auc"], "num_threads": 1}
    callbacks = [lightgbm.log_evaluation(5), *extra]
    lightgbm.train(settings, train, 60, valid_sets=[train, valid], callbacks=callbacks)


def lightgbm_early_stopping() -> None:
    from lightgbm import early_stopping

    lightgbm(early_stopping(10))


def lightgbm_l2() -> None:
    import lightgbm

    train = lightgbm.Dataset(SPLIT[0], SPLIT[2])
    valid = lightgbm.Dataset(SPLIT[1], SPLIT[3], reference=train)
    settings = {"objective": "regression", "verbosity": -1, "num_threads": 1}
    lightgbm.train(settings, train, 20, valid_sets=[valid], callbacks=[lightgbm.log_evaluation(1)])


def catboost() -> None:
    from catboost import CatBoostClassifier

    model = CatBoostClassifier(iterations=200, learning_rate=0.1, eval_metric="AUC", thread_count=1)
    model.set_params(allow_writing_files=False, metric_period=10)
    model.fit(SPLIT[0], SPLIT[2], eval_set=(SPLIT[1], SPLIT[3]))


if __name__ == "__main__":
    globals()[sys.argv[1]]()

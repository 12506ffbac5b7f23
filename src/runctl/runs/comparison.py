"""Runs side by side: which metrics matter, which way is better, what differs between runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from runctl.core.errors import NotFoundError, RunctlError
from runctl.core.specs import Point, RunState
from runctl.runs.run import Run
from runctl.runs.store import open_run, run_ids, run_of, states

LOWER, HIGHER = "lower", "higher"
_WORD = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+(?![a-z])\d*|\d+|[^\W\d_]+")
_LOWER_WORDS = re.compile(
    r".*loss|.*error|err|mse|rmse|rmsle|mae|mape|smape|nll|bpb|bpc|perplexity|ppl|wer|cer|ter|fid|brier|kl|[bc]?ce|"
    r"xent|crossentropy|divergence|deviance"
)
_HIGHER_WORDS = re.compile(
    r"acc|accuracy|f1|f2|fbeta|auc|auroc|auprc|precision|recall|sensitivity|specificity|m?ap\d*|m?iou|dice|jaccard|"
    r"bleu\d*|rouge\w*|meteor|chrf|reward|return|score|r2|psnr|ssim|mcc|kappa|ndcg|mrr|top\d+|likelihood|elo|winrate|"
    r"pearson\w*|spearman\w*"
)
_INCIDENTAL_WORDS = re.compile(r"lr|rate|time|seconds?|sec|ms|norm|memory|mem|gpu|cpu|throughput|tokens|samples|eta")


class Row(NamedTuple):
    """One hyperparameter or metric over all runs, in the order of the runs; None where a run has no value.

    `differs`: whether the runs disagree. Of a metric, `better` is LOWER, HIGHER or None when not known, and
    `best` holds the indexes of the runs whose value is the best one, unless all are equally good.
    """

    name: str
    values: tuple[Any, ...]
    differs: bool
    better: str | None = None
    best: tuple[int, ...] = ()


class Compared(NamedTuple):
    """One run to plot or compare: its state, spec, and every metric's points, or none if they were not asked for."""

    state: RunState
    spec: Mapping[str, Any]
    points: Mapping[str, Sequence[Point]]


def gather(runs: Iterable[Run], points: bool = True) -> list[Compared]:
    """What there is to plot or compare of these runs, each once. Raises NotFoundError, RunctlError."""
    once = list({run.id: run for run in runs}.values())
    lag: dict[str, RunctlError] = {}
    known = {
        state.run_id: state
        for home in {run.home for run in once}
        for state in states(home, [run.id for run in once], lag)
    }
    for run in once:
        # a machine that could not tell a moment ago is not asked again for the points
        run.problem = lag.get(run.id)
    return [
        # states() passes over what can't be read; asked alone, a run says what is wrong with it
        Compared(known.get(run.id) or run.state(), run.spec, run.metrics if points else {})
        for run in once
    ]


def newest_alike(home: Path, most: int) -> list[Run]:
    """The newest runs, `most` at most, of the script that the newest run is of; the newest first. Raises NotFoundError
    when there is no run."""
    newest = open_run(home)
    found = []
    for run_id in run_ids(home):
        run = run_of(home, run_id)
        with suppress(NotFoundError, ValueError):
            if all(run.spec.get(name) == newest.spec.get(name) for name in ("script", "root")):
                found.append(run)
        if len(found) == most:
            break
    return found


def better(name: str) -> str | None:
    """Whether LOWER or HIGHER values of a metric are better, as its name says; None when it does not."""
    words = _words(name)
    if re.search(r"cross\W*_?entropy", name, re.IGNORECASE) or any(map(_LOWER_WORDS.fullmatch, words)):
        way = LOWER
    elif any(map(_HIGHER_WORDS.fullmatch, words)):
        way = HIGHER
    else:
        return None
    if "neg" in words or "negative" in words:
        return HIGHER if way == LOWER else LOWER
    return way


def by_importance(names: Iterable[str]) -> list[str]:
    """Metric names, those that people look at first in front: the loss, losses, other qualities, the rest."""
    return sorted(names, key=_unimportance)


def _unimportance(name: str) -> int:
    words = _words(name)
    if any(word.endswith("loss") for word in words):
        return 0 if words in (["loss"], ["train", "loss"], ["training", "loss"]) else 1
    way = better(name)
    if way:
        return 2 if way == LOWER else 3
    return 5 if any(map(_INCIDENTAL_WORDS.fullmatch, words)) else 4


def _words(name: str) -> list[str]:
    """The words of a name, in lower case. What follows 200 characters says nothing about it."""
    text = name[:200].replace("mAP", "map").replace("mIoU", "miou")
    return [word.lower() for word in _WORD.findall(text)]


def hyperparameter_rows(runs: Sequence[Compared]) -> list[Row]:
    """Every hyperparameter that was given to a run or has a known default, those that differ first."""
    settings = [{**(run.spec.get("defaults") or {}), **(run.spec.get("hyperparams") or {})} for run in runs]
    names = dict.fromkeys(name for values in settings for name in values)
    rows = []
    for name in names:
        values = tuple(setting.get(name) for setting in settings)
        rows.append(Row(name, values, _differ(values)))
    return sorted(rows, key=lambda row: not row.differs)


def metric_rows(runs: Sequence[Compared], best: bool = False) -> list[Row]:
    """Every metric, important ones first: its newest value, or with `best` the best one of those whose better
    direction is known."""
    names = by_importance(dict.fromkeys(name for run in runs for name in run.state.metrics))
    return [_metric_row(name, runs, best) for name in names]


def _metric_row(name: str, runs: Sequence[Compared], best: bool) -> Row:
    way = better(name)
    values = tuple(_best_value(run, name, way) if best and way else run.state.metrics.get(name) for run in runs)
    known = [value for value in values if value is not None and not math.isnan(value)]
    winners: tuple[int, ...] = ()
    if way and len(set(known)) > 1:
        winner = min(known) if way == LOWER else max(known)
        winners = tuple(index for index, value in enumerate(values) if value == winner)
    return Row(name, values, _differ(values), way, winners)


def _best_value(run: Compared, name: str, way: str) -> float | None:
    """The best value that is a number, else the newest."""
    values = [point.value for point in run.points.get(name, ()) if not math.isnan(point.value)]
    if not values:
        return run.state.metrics.get(name)
    return min(values) if way == LOWER else max(values)


def _differ(values: Sequence[Any]) -> bool:
    # repr: 1 and true are equal in Python, but not as hyperparameters; NaN is not even equal to itself
    return len({repr(value) for value in values}) > 1

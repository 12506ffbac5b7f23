"""How fast a run goes and when it will be done, from where it said it was lately."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import NamedTuple

from runctl.core.text import duration

_MOST_SAMPLES = 32
_SPACING_S = 1.0
_STALLED_AFTER = 3.0
_SHORTEST_STALL_S = 10.0
_LONGEST_S = 400 * 86400.0


class Sample(NamedTuple):
    """How much was done at a time (Unix time in seconds)."""

    at: float
    done: float


class Pace:
    """A speed over the last few dozen samples at least a second apart: half a minute of a fast run, the last steps of
    a slow one. What was before, such as preparing or compiling, is forgotten."""

    def __init__(self) -> None:
        self._samples: list[Sample] = []

    def add(self, at: float, done: float) -> None:
        """Adds what is done at a time. Going back, in work or in time, begins anew."""
        samples = self._samples
        if samples and (done < samples[-1].done or at < samples[-1].at):
            samples = []
        # steps that come in a burst are one sample, the end of the burst
        keep = -1 if len(samples) > 1 and at - samples[-2].at < _SPACING_S else len(samples)
        # assigned, not appended to: another thread may be drawing the old one
        self._samples = [*samples[:keep], Sample(at, done)][-_MOST_SAMPLES:]

    def rate(self) -> float | None:
        """How much is done a second; None when that is not known, or nothing is."""
        samples = self._window()
        if len(samples) < 2:
            return None
        elapsed, done = samples[-1].at - samples[0].at, samples[-1].done - samples[0].done
        rate = done / elapsed if elapsed > 0 else 0.0
        return rate if rate > 1 / _LONGEST_S else None

    def seconds_until(self, total: float, now: float) -> float | None:
        """How long until `total` is done; None when that is not known, or nothing has come for much longer than
        it used to take."""
        rate, samples = self.rate(), self._window()
        if rate is None:
            return None
        newest, waited = samples[-1], max(0.0, now - samples[-1].at)
        usual = (newest.at - samples[0].at) / (len(samples) - 1)
        if waited > max(_STALLED_AFTER * usual, _SHORTEST_STALL_S):
            return None
        left = max(0.0, (total - newest.done) / rate - waited)
        return left if left < _LONGEST_S else None

    def _window(self) -> list[Sample]:
        samples = self._samples
        # the first two may lie in one burst, of which the second is the end
        return samples[1:] if len(samples) > 2 and samples[1].at - samples[0].at < _SPACING_S else samples


class Progress:
    """Follows one run's positions: `fraction` done, `rate`, `eta_s`."""

    def __init__(self) -> None:
        self._position: dict[str, float] = {}
        self._steps_per_epoch = False
        self._first_epoch = 1.0
        self._steps_before = 0.0
        self._work, self._steps, self._epochs = Pace(), Pace(), Pace()
        self.fraction: float | None = None

    def begin(self, position: Mapping[str, float]) -> None:
        """Takes over where the run was when watching began; since when it was there is not known."""
        self._position = {name: value for name, value in position.items() if math.isfinite(value)}
        self._steps_per_epoch = _contradictory(self._position)
        self.fraction = self._fraction()

    def add(self, at: float, position: Mapping[str, float]) -> None:
        """Adds where the run is at a time (Unix time in seconds); values that are not finite are passed over."""
        new = {name: value for name, value in position.items() if math.isfinite(value)}
        step, before = new.get("step"), self._position.get("step")
        if step is not None and before is not None and step < before:
            self._steps_before += before
            self._steps_per_epoch = self._steps_per_epoch or new.get("epoch", 0) > self._position.get("epoch", 0)
        self._position = {**self._position, **new}
        epoch = self._position.get("epoch")
        if epoch is not None and epoch < 1:
            self._first_epoch = 0.0
        self._steps_per_epoch = self._steps_per_epoch or _contradictory(self._position)
        if step is not None:
            self._steps.add(at, self._steps_before + step)
        if "epoch" in new:
            self._epochs.add(at, new["epoch"])
        self.fraction = self._fraction()
        if self.fraction is not None and ("step" in new or "epoch" in new):
            self._work.add(at, self.fraction)

    def rate(self) -> str:
        """The speed for people: `12.3 steps/s`, `2.5 s/step`, `3m 05s/epoch`; empty when not known."""
        for pace, name in ((self._steps, "step"), (self._epochs, "epoch")):
            rate = pace.rate()
            if rate is not None:
                return _speed(rate, name)
        return ""

    def eta_s(self, now: float) -> float | None:
        """Seconds until all is done; None when not known, and when all is done."""
        if self.fraction is None or self.fraction >= 1:
            return None
        return self._work.seconds_until(1.0, now)

    def _fraction(self) -> float | None:
        position = self._position
        within = fraction_done({name: value for name, value in position.items() if name.endswith(("step", "steps"))})
        epoch, epochs = position.get("epoch"), position.get("total_epochs", 0)
        if not self._steps_per_epoch or within is None or epoch is None or epochs <= 0:
            return fraction_done(position)
        return min(1.0, max(0.0, (epoch - self._first_epoch + within) / epochs))


def fraction_done(position: Mapping[str, float]) -> float | None:
    """How much of the work is done, 0 to 1, by steps or else epochs; None when no total is known."""
    for name in ("step", "epoch"):
        done, total = position.get(name), position.get(f"total_{name}s")
        if done is not None and total and total > 0:
            return min(1.0, max(0.0, done / total))
    return None


def _contradictory(position: Mapping[str, float]) -> bool:
    """Whether steps and epochs can't both be counted from the start of the run: then steps begin anew each epoch."""
    if not {"step", "total_steps", "epoch", "total_epochs"} <= position.keys():
        return False
    steps, epochs = position["total_steps"], position["total_epochs"]
    if steps <= 0 or epochs <= 0:
        return False
    by_steps, epoch = position["step"] / steps, position["epoch"]
    return not (epoch - 1) / epochs <= by_steps <= (epoch + 1) / epochs


def _speed(rate: float, name: str) -> str:
    if rate >= 1:
        amount = f"{rate:,.0f}" if 100 <= rate < 1e9 else f"{rate:.3g}"
        return f"{amount} {name}/s" if amount == "1" else f"{amount} {name}s/s"
    return f"{duration(1 / rate)}/{name}" if rate < 1 / 60 else f"{1 / rate:.3g} s/{name}"

"""Where the script is: the epoch as it is printed, and steps counted over all epochs."""

from __future__ import annotations

from typing import Any


class Position:
    """Goes forward only, except that a first epoch (or step) printed again begins anew: another fold, another model."""

    def __init__(self) -> None:
        self.epoch: float | None = None
        self.total_epochs: int | None = None
        self.step: int | None = None
        self.total_steps: int | None = None
        self._first_epoch: float | None = None
        self._first_step: int | None = None
        self._per_epoch: int | None = None
        self._printed_step = 0
        self._step_epoch: float | None = None
        self._interval = 1
        self._offset = 0

    def fields(self) -> dict[str, Any]:
        """What is known of it, as the fields of a `metric` event."""
        known = {
            "step": self.step,
            "epoch": self.epoch,
            "total_steps": self.total_steps,
            "total_epochs": self.total_epochs,
        }
        return {name: value for name, value in known.items() if value is not None}

    def in_epochs(self) -> bool:
        """Whether whole epochs have been counted so far."""
        return isinstance(self.epoch, int)

    def is_past(self, epoch: float) -> bool:
        """Whether an epoch lies behind, and is no beginning anew."""
        return self.epoch is not None and epoch < self.epoch and not self._begins_anew(epoch)

    def enter_epoch(self, epoch: float, total: int | None) -> None:
        """The script is in this epoch, one that is not past."""
        if self.epoch is not None and epoch < self.epoch:
            self._begin_anew()
        if self._first_epoch is None:
            self._first_epoch = epoch
        self.epoch = epoch
        if total:
            self.total_epochs = total

    def complete_epochs(self, count: int, total: int | None) -> None:
        """So many epochs are done: what a bar over epochs says, that counts from 1."""
        if self._first_epoch is None:
            self._first_epoch = 1
        if self.epoch is None or count > self.epoch:
            self.epoch = count or None
        if total:
            self.total_epochs = total

    def advance(self, step: int, total: int | None) -> bool:
        """The script says its step. Returns whether it is believed."""
        later = self._step_epoch is not None and self.epoch is not None and self.epoch > self._step_epoch
        if later and total is None and step < self._printed_step:
            # it counts anew in every epoch; how many there are in one, only its intervals tell
            self._offset += self._printed_step + self._interval
            self._printed_step = step
        if step > self._printed_step:
            self._interval = step - self._printed_step if self._printed_step else 1
        if self.step is not None and step + self._offset < self.step:
            if self._first_step is None or step > self._first_step:
                return False
            self._offset = 0
        if self._first_step is None:
            self._first_step = step
        self._printed_step = step
        self._step_epoch = self.epoch
        self.step = step + self._offset
        if total:
            self.total_steps = total
        return True

    def within_epoch(self, done: int, per_epoch: int, epochs_done: int | None = None) -> None:
        """So many steps of this epoch are done. `epochs_done` is given where the epoch as printed does not say it."""
        if epochs_done is None:
            base = 0 if self._first_epoch == 0 else 1
            epochs_done = max(0, int(self.epoch or 0) - base) if self.epoch is not None else 0
        step = epochs_done * per_epoch + done
        if self.step is not None and step < self.step and per_epoch == self._per_epoch:
            return
        self._per_epoch = per_epoch
        self.step = step
        if self.total_epochs:
            self.total_steps = per_epoch * self.total_epochs

    def replace(self, step: int, total: int | None) -> None:
        """Another bar than before counts the steps now."""
        self.step, self.total_steps = step, total or self.total_steps

    def _begins_anew(self, epoch: float) -> bool:
        return self._first_epoch is not None and epoch <= self._first_epoch

    def _begin_anew(self) -> None:
        self.__init__()  # type: ignore[misc]

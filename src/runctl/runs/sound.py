"""Records that come from another machine: taken over only where they are what they should be."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from runctl.agent import protocol
from runctl.core.errors import RunctlError
from runctl.core.specs import RunState

_NUMBER = (int, float)
_NONE = type(None)
_STATE: Mapping[str, tuple[type, ...]] = {
    "run_id": (str,),
    "script": (str,),
    "attempt": (int,),
    "phase": (str,),
    "outcome": (str, _NONE),
    "reason": (str, _NONE),
    "exit_code": (int, _NONE),
    "signal": (str, _NONE),
    "created_at": _NUMBER,
    "started_at": (*_NUMBER, _NONE),
    "ended_at": (*_NUMBER, _NONE),
    "duration_s": (*_NUMBER, _NONE),
    "heartbeat_at": _NUMBER,
    "cost_usd": _NUMBER,
    "pid": (int, _NONE),
}
_SPEC: Mapping[str, tuple[type, ...]] = {
    "run_id": (str,),
    "script": (str,),
    "root": (str,),
    "workdir": (str,),
    "args": (list,),
    "env": (dict,),
    "secret_names": (list,),
    "environment": (dict,),
    "checkpoint_dirs": (list,),
}


def sound_state(document: Any, run_id: str, agent: str) -> RunState:
    """The state that a machine tells of a run. Raises RunctlError when it is damaged or another run's."""
    if not isinstance(document, dict):
        raise RunctlError(f"what is told of run {run_id} is no state")
    state = RunState.parse(document, agent)
    wrong = [name for name, types in _STATE.items() if not isinstance(getattr(state, name), types)]
    numbers = [*state.metrics.values(), *state.position.values()]
    if wrong or not all(isinstance(number, _NUMBER) for number in numbers):
        raise RunctlError(f"the state of run {run_id} is damaged: {', '.join(wrong) or 'metrics'}")
    if state.run_id != run_id:
        raise RunctlError(f"the state of run {run_id} says that it is another run's")
    if state.phase not in protocol.PHASES or state.outcome not in (*protocol.OUTCOMES, None):
        raise RunctlError(f"the state of run {run_id} is damaged: phase or outcome")
    if state.finished != (state.outcome is not None):
        raise RunctlError(f"the state of run {run_id} is damaged: its outcome does not fit its phase")
    return state


def sound_spec(document: Any, run_id: str) -> dict[str, Any]:
    """The spec that a machine tells of a run. Raises RunctlError when it is damaged or another run's."""
    if not isinstance(document, dict) or document.get("run_id") != run_id:
        raise RunctlError(f"the spec of run {run_id} is damaged, or another run's")
    wrong = [name for name, types in _SPEC.items() if not isinstance(document.get(name), types)]
    if wrong:
        raise RunctlError(f"the spec of run {run_id} is damaged: {', '.join(wrong)}")
    return document


def is_sound_event(event: Any) -> bool:
    """Whether an event can be shown: its kind and its time, the numbers of a metric, the text of everything else."""
    if not isinstance(event, dict) or not isinstance(event.get("n"), int) or not isinstance(event.get("at"), _NUMBER):
        return False
    if event.get("kind") != "metric":
        return isinstance(event.get("kind"), str) and all(isinstance(event.get(name, ""), str) for name in _TEXTS)
    values = event.get("values")
    position = [event.get(name, 0) for name in protocol.POSITION]
    return isinstance(values, dict) and all(map(_is_number, [*values.values(), *position]))


_TEXTS = ("text", "output")


def _is_number(value: Any) -> bool:
    if isinstance(value, str):
        return value in ("NaN", "Infinity", "-Infinity")
    return isinstance(value, _NUMBER)

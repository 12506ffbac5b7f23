"""What a script needs before it starts: a place for its results, its environment, its data."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, Callable

from runctl.agent import environment
from runctl.agent.beside import Ended
from runctl.agent.installer import EnvironmentFailed, Stopped
from runctl.agent.record import Record

if TYPE_CHECKING:
    from runctl.agent.container.container import Container
    from runctl.agent.saving import Saving


class NotPrepared(Exception):
    """The script can't be started: the message says why, `output` is the end of what an installer wrote."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.output = output


def prepare(
    spec: dict[str, Any],
    home: str,
    record: Record,
    saving: Saving | None,
    stopped: Callable[[], bool],
    container: Container | None = None,
    login: dict[str, str] | None = None,
) -> str:
    """Makes everything. Returns the interpreter ("" for none, and in a container, whose image has its own). What is
    cheap to find out comes first. `login` is for the registry of the image.

    Raises NotPrepared, or `runctl.agent.installer.Stopped` within two seconds of a stop.
    """
    try:
        if saving:
            saving.check(stopped)
        python = _image(container, login, record, stopped) if container else _environment(spec, home, record, stopped)
        if spec.get("data"):
            _data(spec["data"], record, stopped)
    except Ended:
        raise Stopped from None
    return python


def _environment(spec: dict[str, Any], home: str, record: Record, stopped: Callable[[], bool]) -> str:
    def report(line: str) -> None:
        record.event("progress", text=line)

    try:
        return environment.prepare(spec["environment"], os.path.join(home, "envs"), report, stopped)
    except EnvironmentFailed as error:
        raise NotPrepared("the environment could not be made: %s" % error, error.output) from error


def _image(container: Container, login: dict[str, str] | None, record: Record, stopped: Callable[[], bool]) -> str:
    from runctl.agent.container.engine import ContainerFailed  # few runs are in one

    def ticking() -> bool:
        record.save_when_due()
        return stopped()

    try:
        image_id = container.prepare(login, lambda line: record.event("progress", text=line), ticking)
    except ContainerFailed as error:
        raise NotPrepared("the container could not be made: %s" % error, error.output) from error
    record.event("progress", text="the image is %s" % image_id, image=image_id)
    return ""


def _data(section: dict[str, Any], record: Record, stopped: Callable[[], bool]) -> None:
    from runctl.agent import data  # few runs need S3

    try:
        data.bring(section, record, stopped)
    except data.DataFailed as error:
        raise NotPrepared(str(error)) from error

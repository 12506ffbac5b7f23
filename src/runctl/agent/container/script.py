"""A script in a container as the agent looks after it: the same questions as to one on the machine itself."""

from __future__ import annotations

import os
from typing import Callable, List, Mapping, NamedTuple, Optional, Union

from runctl.agent import processes, protocol
from runctl.agent.container.container import Container
from runctl.agent.container.engine import ContainerFailed
from runctl.agent.keeper import Command, Exit, KeptScript, OwnScript
from runctl.agent.masking import Masker
from runctl.agent.output import MaskedPipe
from runctl.agent.rundir import RunDir


class Ending(NamedTuple):
    """What else is known of a container's end: why nothing could be run in it, if so, and whether the kernel killed
    something in it for lack of memory."""

    refusal: Optional[str]
    out_of_memory: bool


class NamedPipe(MaskedPipe):
    """A pipe that a container can open. Its writing end stays open here: its end is the container's end."""

    def __init__(self, log: int, masker: Masker, path: str) -> None:
        super().__init__(log, masker)
        os.close(self.read_end)
        os.close(self.write_end)
        os.mkfifo(path, 0o600)
        self.read_end = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        self.write_end = os.open(path, os.O_WRONLY | os.O_CLOEXEC)


class ContainedScript:
    """A script in a container that runs. `waiting` is the process of this machine that waits for its end, whose own
    end, though, says nothing: it may have been killed."""

    def __init__(self, container: Container, waiting: Union[KeptScript, OwnScript]) -> None:
        self.container = container
        # of a container that was over before it could be looked at: then this ends at once too
        self.identity = container.process or waiting.identity
        self._waiting = waiting
        self._ended: Optional[Exit] = None

    def poll(self) -> Optional[Exit]:
        """How it ended; None while it runs."""
        self._waiting.poll()
        if self._ended is None and not self.identity.lives():
            self._ended = self.container.ended()
        return self._ended

    def descriptors(self) -> List[int]:
        """Descriptors to wait on for news."""
        return [] if self._waiting.poll() is not None else self._waiting.descriptors()

    def left_children(self) -> bool:
        """Whether children of this process may still live."""
        return self._waiting.left_children()

    def close(self, note: Callable[[str], None]) -> Ending:
        """Leaves nothing of the container behind but the files that it wrote, which become the user's. `note` is told
        what does not work."""
        if self._waiting.identity.lives():
            processes.stop_and_kill([self._waiting.identity.pid])
        ending = Ending(self.container.refusal(), self.container.ran_out_of_memory())
        for step in (self.container.give_back, self.container.remove):
            try:
                step()
            except ContainerFailed as error:
                note(error.message)
        return ending


def started(
    container: Container,
    run: RunDir,
    environment: Mapping[str, str],
    piped: bool,
    note: Callable[[str], None],
    take_over: Callable[[OwnScript], None],
) -> ContainedScript:
    """Starts a script in a container, as `Container.start` does, with a keeper that takes over as for any script.
    Raises StartFailed, OSError; nothing is then left of the container."""
    container.start(environment, piped, note)
    try:
        first = container.first_process()
        # the keeper's copy of this process knows it too
        container.process = first
        return ContainedScript(container, _kept(container, run, take_over))
    except BaseException:
        container.remove()
        raise


def _kept(container: Container, run: RunDir, take_over: Callable[[OwnScript], None]) -> KeptScript:
    environment = {**os.environ, protocol.AGENT: "1"}
    nothing = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    command = Command(container.waiting(), environment, "/", nothing)
    # what is recorded there is how the waiting ended, not the script
    return KeptScript(command, run.file("waiting.json"), take_over)

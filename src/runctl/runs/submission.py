"""Gives a planned run to a machine: the machine is made ready, the project sent, the run started, step by step.

Until the start request nothing runs, and every step may be ended and done again. From the start request on the run is
known here by its id, and goes on whatever happens to this process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cached_property
from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from runctl.agent import protocol
from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import RunctlError, UnreachableError
from runctl.machines import code
from runctl.machines.code import Project, Synced, Warn
from runctl.machines.code import Report as CodeReport
from runctl.runs import arrival, machine_checks, places
from runctl.runs.arrival import Arrival, Login, Report
from runctl.runs.places import Place
from runctl.runs.remote_plan import DATA_FOLDER, RemotePlan
from runctl.transport.agent_client import AgentClient, Condition, ConditionFailed, ProjectDiffers, RunExists
from runctl.transport.resuming import resuming

if TYPE_CHECKING:
    from runctl.runs.s3_checks import DataFound
    from runctl.transport import volumes_client

T = TypeVar("T")
# how long a start request is repeated whose answer got lost, in seconds
_START_PATIENCE_S = 120
# so often others may change the machine between a look at it and the start
_MOST_CHANGES = 3


class Submission:
    """One run on its way to a machine."""

    def __init__(self, config: Config, plan: RemotePlan, login: Login, report: Report) -> None:
        """`report` is told of each step that begins."""
        self._config = config
        self._plan = plan
        self._login = login
        self._report = report
        self._volume_report: volumes_client.Report = _quiet
        self._code_report: CodeReport = _quiet
        self._warn: Warn = _quiet
        self._target = ""
        self._machine: Arrival | None = None
        self._data: DataFound | None = None
        # whether the run was started, or it can't be told
        self.may_run = False

    @cached_property
    def account(self) -> Account:
        """The account that the machine is in; nothing is asked of it before something is needed."""
        return Account(self._config)

    def check(self) -> DataFound | None:
        """Everything that can be checked before there is a machine. Returns the data that was found, None where none is
        asked for. Raises RunctlError."""
        if self._plan.data_uri or self._plan.output_uri:
            from runctl.runs import s3_checks

            self._report("look at S3")
            if self._plan.data_uri:
                self._data = s3_checks.find_data(self.account, self._plan.data_uri)
            if self._plan.output_uri:
                s3_checks.check_writable(self.account, self._plan.output_uri)
        return self._data

    def prepare(
        self,
        target: str,
        machine: Arrival | None,
        volume_report: volumes_client.Report,
        code_report: CodeReport,
        warn: Warn,
    ) -> Synced | None:
        """Everything before the start request, on the machine that is called `target`, or which is this `machine`.
        Returns what was sent; None where nothing was to be sent; `warn` is told what the user should know of it.

        Raises RunctlError; the machine then runs nothing new.
        """
        self._target = target
        self._machine = machine
        self._volume_report, self._code_report, self._warn = volume_report, code_report, warn
        try:
            synced = self._make_ready()
        except UnreachableError:
            if self._machine is None or not self._machine.remembered:
                raise
            # a connection may be open for a while though nobody is at its other end
            self._machine = None
            synced = self._make_ready()
        # known here before it is started: whatever happens then, it is found again
        places.remember(self._config.home, self._plan.run_id, self.place, self._plan.spec)
        return synced

    def start(self) -> None:
        """Starts the run and leaves it to its agent. Raises RefusedError, RunctlError; UnreachableError when it can't
        be told whether the run was started."""

        def begin() -> Iterator[None]:
            try:
                yield self._begun(lambda client: client.start(*self._request, condition=self._condition))
            except RunExists:
                yield  # this very one: the answer to an earlier request got lost

        list(resuming(begin, lambda error, pause_s: None, _START_PATIENCE_S))

    def start_and_follow(self) -> Iterator[protocol.Frame]:
        """Starts the run and yields its first frames, as `RemoteRun.follow` takes them. May be called again when the
        connection was lost: the run is started once. Raises RunExists when it was."""
        return self._begun(lambda client: _opened(client.start_and_follow(*self._request, condition=self._condition)))

    @property
    def place(self) -> Place:
        """Where the run is, once there is such a place."""
        ready = self._reached.ready
        return Place(ready.instance_id, ready.region, ready.profile, ready.usd_per_hour)

    @property
    def _reached(self) -> Arrival:
        assert self._machine is not None, "prepare comes first"
        return self._machine

    @property
    def _condition(self) -> Condition:
        return self._reached.ready.condition

    @property
    def _request(self) -> tuple[dict[str, Any], dict[str, str]]:
        return self._plan.spec, self._plan.plan.secrets

    def _make_ready(self) -> Synced | None:
        if self._machine is None:
            self._machine = self._arrive()
        machine_checks.check(self._machine.transport, self._plan, self._data)
        return self._sync(force=False)

    def _arrive(self) -> Arrival:
        instance = arrival.look_up(self.account, self._target)
        return arrival.arrive(self.account, self._config, instance, self._login, self._report, self._volume_report)

    def _sync(self, force: bool) -> Synced | None:
        if self._plan.keep_code:
            return None
        synced = code.sync(
            self._reached.transport,
            project_of(self._plan, self._config, self._reached.ready.instance_id),
            self._code_report,
            self._warn,
            force=force,
        )
        self._plan = self._plan.with_stamp(synced.stamp)
        return synced

    def _begun(self, begin: Callable[[AgentClient], T]) -> T:
        """What `begin` returns. What is not as it was remembered here is first made right."""
        asked_before, self.may_run = self.may_run, True
        try:
            for _ in range(_MOST_CHANGES):
                try:
                    return begin(self._reached.agent)
                except ConditionFailed:
                    self._machine = self._arrive()
                except ProjectDiffers:
                    self._sync(force=True)
            return begin(self._reached.agent)
        except (UnreachableError, RunExists):
            raise
        except RunctlError:
            if not asked_before:
                # it was surely not started
                self.may_run = False
                places.forget(self._config.home, self._plan.run_id)
            raise


def project_of(plan: RemotePlan, config: Config, machine: str) -> Project:
    """The project of a plan as it is to be sent to a machine."""
    return Project(
        machine=machine,
        home=config.home,
        root=plan.root,
        name=plan.name,
        include=plan.include,
        leave_out=left_out(plan),
    )


def left_out(plan: RemotePlan) -> frozenset[str]:
    """What is not sent because the machine makes it itself."""
    return frozenset({DATA_FOLDER} if plan.data_uri else ())


def _opened(frames: Iterator[protocol.Frame]) -> Iterator[protocol.Frame]:
    """The same frames, the first of which has come."""
    return chain([next(frames)], frames)


def _quiet(progress: object) -> None:
    """Tells nobody."""

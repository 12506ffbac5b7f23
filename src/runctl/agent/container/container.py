"""One attempt's container: made, started, signalled, asked how it ended, removed. Only its name leads to it, so that
whoever finds the run's folder can do all that."""

from __future__ import annotations

import os
import re
import time
from typing import Any, Callable, Dict, List, Mapping, NamedTuple, Optional, Tuple

from runctl.agent import processes
from runctl.agent.container import engine as docker
from runctl.agent.container import entry, images, roots_help, sight
from runctl.agent.container.engine import ContainerFailed, Engine, EngineSilent, explained
from runctl.agent.container.exits import exit_of
from runctl.agent.container.images import Image
from runctl.agent.keeper import Exit
from runctl.agent.rundir import RunDir, read_json, write_json

LABEL = "runctl.run"
_SIGNAL_S = 30.0
# how long an engine that is restarted may take to tell how a container ended
_KNOWN_WITHIN_S = 60.0
_POLL_S = 0.1
_ROOT = ("", "0", "root", "0:0", "root:root")
# of the machine's variables a script in a container needs those by which the network is reached
_PASSED_ON = re.compile(r"(AWS_(ENDPOINT_URL(_\w+)?|REGION|DEFAULT_REGION)|(https?|no|all|ftp)_proxy)", re.IGNORECASE)
# variables that would change Docker's own command line if they were in its environment
_STEERING = re.compile(r"(HOME|PATH|PWD|TMPDIR|DOCKER_\w*|BUILDKIT_\w*|LD_\w*|SUDO_\w*|XDG_\w*|GO\w*|SSL_\w*)")


class Look(NamedTuple):
    """What Docker knows of a container. `pid` is its first process as this machine counts, 0 when it has none."""

    running: bool
    began: bool
    pid: int
    state: Dict[str, Any]


class Container:
    """The container of a run's newest attempt."""

    def __init__(self, run: RunDir, spec: Dict[str, Any], attempt: int) -> None:
        self._run = run
        self._spec = spec
        self._name = "runctl-%s-%d" % (run.run_id, attempt)
        self._attempt = attempt
        self._known: Optional[Engine] = None
        self._image: Optional[Image] = None
        self.process: Optional[processes.Identity] = None
        self.pipe = run.file("output.pipe")
        self._refused = run.file("container.refused")
        self._shares = run.file("container.json")

    @property
    def engine(self) -> Engine:
        """Docker. Raises ContainerFailed when it does not answer."""
        if self._known is None:
            self._known = docker.find()
        return self._known

    def prepare(
        self, login: Optional[Mapping[str, str]], report: Callable[[str], None], stopped: Callable[[], bool]
    ) -> str:
        """Sees to it that the image is there. Returns its id. Raises ContainerFailed, or Stopped."""
        wanted = self._spec["container"]
        if wanted["image"]:
            self._image = images.pulled(self.engine, wanted["image"], login, self._run.path, report, stopped)
        else:
            project = (self._spec.get("project") or {}).get("name") or os.path.basename(self._spec["root"])
            name = images.name_for(project)
            root, data = self._spec["root"], (self._spec.get("data") or {}).get("folder")
            self._image = images.built(self.engine, root, wanted["dockerfile"], data, name, report, stopped)
        return self._image.image_id

    def start(self, environment: Mapping[str, str], piped: bool, note: Callable[[str], None]) -> None:
        """Makes the container and starts the script in it; its output goes into output.log or, `piped`, into the pipe.
        `note` is told what the user should know. Raises ContainerFailed; nothing is then left of the container."""
        since = time.time()
        seen = sight.seen(self._spec, self._run.path, str(self.engine.information.get("DockerRootDir")))
        try:
            self._create(seen, environment, self.pipe if piped else self._run.output, note)
            # who gives the files back may be another process
            folders = [mount.source for mount in seen if not mount.read_only]
            write_json(self._shares, {"since": since, "folders": folders})
            self.engine.do("Docker could not start the container", ["start", self._name])
        except ContainerFailed:
            self.remove()
            raise

    def waiting(self) -> List[str]:
        """A command that ends when the container does."""
        return [*self.engine.command, "wait", self._name]

    def first_process(self) -> Optional[processes.Identity]:
        """The container's first process; None when it is over already."""
        look = self.look()
        if look is None or not look.pid:
            return None
        return processes.Identity(look.pid, processes.start_time(look.pid))

    def look(self) -> Optional[Look]:
        """What Docker knows of it; None when there is no such container. Raises ContainerFailed when Docker does not
        answer."""
        found = self.engine.inspect("container", self._name)
        if found is None:
            return None
        state = found["State"]
        began = not str(state.get("StartedAt", "")).startswith("0001-")
        return Look(bool(state["Running"]), began, int(state["Pid"]), state)

    def signal(self, name: str) -> bool:
        """Signals the script. Returns whether Docker took it."""
        try:
            return self.engine.run(["kill", "--signal", name, self._name], within_s=_SIGNAL_S).code == 0
        except ContainerFailed:
            return False

    def ended(self) -> Exit:
        """How the script ended, which is over by now. It is written down in the run's folder."""
        ended = self._told_exit()
        try:
            write_json(self._run.exit_record, ended._asdict())
        except OSError:
            pass  # a full disk: whoever asked is told all the same
        return ended

    def refusal(self) -> Optional[str]:
        """Why there was no script to run in it; None when there was."""
        try:
            with open(self._refused, encoding="utf-8", errors="replace") as file:
                return file.read()
        except OSError:
            return None

    def ran_out_of_memory(self) -> bool:
        """Whether the kernel killed something in it for lack of memory."""
        try:
            look = self.look()
        except ContainerFailed:
            return False
        return bool(look and look.state.get("OOMKilled"))

    def give_back(self) -> int:
        """Makes what it wrote as root the user's. Returns how many files and folders. Raises ContainerFailed."""
        if os.getuid() == 0 or not os.path.exists(self._shares) or self.engine.maps_root_to_user:
            return 0
        shared = read_json(self._shares)
        return roots_help.give_back(self.engine, shared["since"], shared["folders"])

    def remove(self) -> None:
        """Removes it, running or not; one that is not there is removed already. Raises ContainerFailed."""
        done = self.engine.run(["rm", "--force", "--volumes", self._name])
        if done.code != 0 and "no such container" not in done.complaint.lower():
            raise ContainerFailed("the container %s could not be removed: %s" % (self._name, explained(done.complaint)))
        for path in (self.pipe, self._refused, self._shares):
            if os.path.exists(path):
                os.unlink(path)

    def _create(
        self, seen: List[sight.Seen], environment: Mapping[str, str], output: str, note: Callable[[str], None]
    ) -> None:
        assert self._image is not None, "prepare comes first"
        user, home_of = self._user(note)
        all_variables = {
            **{name: value for name, value in os.environ.items() if _PASSED_ON.fullmatch(name)},
            **environment,
            **entry.variables(self._spec),
        }
        words = ["create", "--name", self._name, "--label", "%s=%s" % (LABEL, self._run.run_id), "--init"]
        words += ["--log-driver", "json-file", "--log-opt", "max-size=1m", "--no-healthcheck"]
        # as the machine's own programs: IMDSv2 answers containers of other networks only when told to
        words += ["--network", "host", "--shm-size", str(_half_of_memory())]
        words += ["--userns", "host"] if self.engine.maps_users else []
        words += self._gpus(note) + user + ["--workdir", sight.folder_inside(self._spec)]
        for mount in seen:
            words += ["--mount", sight.option(mount)]
        steering = {name: value for name, value in all_variables.items() if _STEERING.fullmatch(name)}
        passed = {name: value for name, value in all_variables.items() if name not in steering}
        for name in sorted(passed):
            words += ["--env", name]
        words += ["--env-file", "/dev/stdin"] if steering else []
        started_by = entry.Entry(output, self._refused, "" if "HOME" in all_variables else home_of)
        words += ["--entrypoint", "sh", self._image.image_id, *entry.arguments(started_by, self._spec)]
        lines = "".join("%s=%s\n" % each for each in steering.items())
        self.engine.do("Docker could not make the container", words, passed, lines.encode("utf-8", "surrogateescape"))

    def _user(self, note: Callable[[str], None]) -> Tuple[List[str], str]:
        """Docker's words for the user that the script is, and the image's user if it is not that one: only root and
        the owner of the project may write into it."""
        assert self._image is not None
        user = self._image.user
        if user in _ROOT or user.split(":")[0] == str(os.getuid()):
            return [], ""
        note("the image's user %s could not write into the project: the script runs as root in the container" % user)
        return ["--user", "0:0"], "" if "HOME" in self._image.variables else user.split(":")[0]

    def _gpus(self, note: Callable[[str], None]) -> List[str]:
        if not os.path.exists("/dev/nvidiactl"):
            return []
        if "nvidia" in (self.engine.information.get("Runtimes") or {}):
            return ["--gpus", "all"]
        note("this machine has NVIDIA GPUs, and its Docker has no NVIDIA runtime: the script will see none of them")
        return []

    def _told_exit(self) -> Exit:
        deadline = time.monotonic() + _KNOWN_WITHIN_S
        while True:
            silent = False
            try:
                look = self.look()
            except EngineSilent:
                look, silent = None, True
            if look is not None and not look.running:
                log = self.engine.run(["logs", self._name])
                return exit_of(look.state, log.output + log.complaint.encode())
            if (look is None and not silent) or time.monotonic() > deadline:
                return Exit(None, None)
            time.sleep(_POLL_S)


def _half_of_memory() -> int:
    """Room for what PyTorch's data loaders hand over, in bytes; Docker's own 64 MiB are soon full."""
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2

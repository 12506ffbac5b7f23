"""The one door to Docker: its command line, called with argument lists."""

from __future__ import annotations

import json
import os
import pwd
import re
import shutil
import subprocess
from typing import Any, Dict, List, Mapping, NamedTuple, Optional

from runctl.agent.keeper import StartFailed

_ANSWER_S = 60.0
# what the agent's path may lack when nobody has logged in
_FOLDERS = "/usr/local/bin:/usr/bin:/bin:/snap/bin"
_DENIED = re.compile(r"permission denied.*(docker\.sock|daemon socket)", re.IGNORECASE | re.DOTALL)
_NOT_RUNNING = re.compile(r"cannot connect to the docker daemon|is the docker daemon running", re.IGNORECASE)
_FULL = re.compile(r"no space left on device|disk quota exceeded", re.IGNORECASE)
# what the command line itself says before what is of interest
_PREFIX = re.compile(r"^(error response from daemon|docker|error): *", re.IGNORECASE)


class ContainerFailed(StartFailed):
    """Docker can't do what the run needs: the message says why, `output` is the end of what it wrote."""

    def __init__(self, message: str, output: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.output = output


class EngineSilent(ContainerFailed):
    """Docker's engine does not answer: nothing is known of its containers now."""


class Done(NamedTuple):
    """How a command of Docker's ended: its exit code, stdout, and stderr without the white space around it."""

    code: int
    output: bytes
    complaint: str


class Engine:
    """Docker on this machine. `information` is what `docker info` tells."""

    def __init__(self, command: List[str], information: Dict[str, Any]) -> None:
        self.command = command
        self.information = information

    def run(
        self, words: List[str], variables: Optional[Mapping[str, str]] = None, stdin: bytes = b"", within_s: float = 600
    ) -> Done:
        """Runs `docker WORDS…` to its end, with `variables` added to its environment. Raises EngineSilent when it has
        not ended `within_s` seconds, or has no engine to talk to."""
        done = _run(self.command_with(variables or {}) + words, variables or {}, stdin, within_s)
        if done.code != 0 and _NOT_RUNNING.search(done.complaint):
            raise EngineSilent("Docker's engine does not run any more: %s" % explained(done.complaint))
        return done

    def do(
        self, doing: str, words: List[str], variables: Optional[Mapping[str, str]] = None, stdin: bytes = b""
    ) -> str:
        """What `docker WORDS…` prints. Raises ContainerFailed: "`doing`: why"."""
        done = self.run(words, variables, stdin)
        if done.code != 0:
            raise ContainerFailed("%s: %s" % (doing, explained(done.complaint)), done.complaint)
        return done.output.decode("utf-8", "replace").strip()

    def inspect(self, kind: str, name: str) -> Optional[Dict[str, Any]]:
        """What Docker knows of an `image` or a `container`; None when there is none of this name."""
        done = self.run([kind, "inspect", name], within_s=_ANSWER_S)
        if done.code == 0:
            found: Dict[str, Any] = json.loads(done.output)[0]
            return found
        if "no such" in done.complaint.lower():
            return None
        raise EngineSilent("Docker does not tell of the %s %s: %s" % (kind, name, explained(done.complaint)))

    def command_with(self, variables: Mapping[str, str]) -> List[str]:
        """The beginning of a command of Docker's whose environment has these `variables`; sudo must be told of them."""
        if self.command[0] != "sudo" or not variables:
            return self.command
        return ["sudo", "-n", "--preserve-env=%s" % ",".join(sorted(variables)), *self.command[2:]]

    @property
    def maps_root_to_user(self) -> bool:
        """Whether root in a container is the engine's own user outside of it, not the machine's root."""
        return "name=rootless" in self._security

    @property
    def maps_users(self) -> bool:
        """Whether the engine gives users in containers other numbers outside."""
        return "name=userns" in self._security

    @property
    def _security(self) -> List[str]:
        return [option.split(",")[0] for option in self.information.get("SecurityOptions") or []]


def find() -> Engine:
    """Docker on this machine, once it has answered; by sudo where the user has no right to it but that of root.
    Raises ContainerFailed."""
    docker = shutil.which("docker", path=os.environ.get("PATH", "") + ":" + _FOLDERS)
    if not docker:
        raise ContainerFailed("Docker is not installed on this machine (on Debian and Ubuntu: apt install docker.io)")
    complaint = ""
    for command in ([docker], ["sudo", "-n", docker]):
        done = _run([*command, "info", "--format", "{{json .}}"], {}, b"", _ANSWER_S)
        information = _parsed(done.output)
        complaint = "\n".join([*(information.get("ServerErrors") or []), done.complaint]).strip()
        if done.code == 0 and information.get("ServerVersion"):
            return Engine(command, information)
        if not _DENIED.search(complaint) or not shutil.which("sudo"):
            break
    else:
        complaint = "permission denied while trying to connect to the Docker daemon socket"
    if _DENIED.search(complaint):
        user = pwd.getpwuid(os.geteuid()).pw_name
        raise ContainerFailed(
            "the user %s may not use Docker on this machine (sudo usermod -aG docker %s, then connect anew)"
            % (user, user)
        )
    if _NOT_RUNNING.search(complaint):
        raise EngineSilent("Docker does not run on this machine (sudo systemctl start docker)")
    raise EngineSilent("Docker does not answer on this machine: %s" % explained(complaint))


def explained(complaint: str) -> str:
    """Docker's complaint in one line; a full disk is named as such."""
    lines = [line.strip() for line in complaint.splitlines() if line.strip()]
    lines = [line for line in lines if not line.lower().startswith(("see 'docker", "run 'docker", "deprecated:"))]
    said = _PREFIX.sub("", _PREFIX.sub("", lines[-1])) if lines else "it says nothing"
    if _FULL.search(complaint):
        return "no space is left on the disk: %s" % said
    return said


def _run(command: List[str], variables: Mapping[str, str], stdin: bytes, within_s: float) -> Done:
    try:
        done = subprocess.run(
            command,
            input=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, **variables},
            start_new_session=True,
            timeout=within_s,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise EngineSilent("Docker has not answered within %g s" % within_s) from error
    except OSError as error:
        raise ContainerFailed("%s can't be started: %s" % (command[0], error.strerror)) from error
    return Done(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace").strip())


def _parsed(output: bytes) -> Dict[str, Any]:
    try:
        found = json.loads(output)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}

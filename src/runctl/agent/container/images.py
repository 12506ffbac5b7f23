"""The image that a container is made of: there already, pulled, or built from the project's Dockerfile."""

from __future__ import annotations

import os
import re
import tempfile
from typing import Any, Callable, Dict, Mapping, NamedTuple, Optional

from runctl.agent.container import watched
from runctl.agent.container.engine import ContainerFailed, Engine, explained
from runctl.agent.container.login import signed_in

# what `docker info` calls a machine, and what images are called that run on it
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}
_NO_PLATFORM = re.compile(r"no match(ing manifest)? for (platform|\w+/)", re.IGNORECASE)
_NOT_THERE = re.compile(r"not found|does not exist|manifest unknown", re.IGNORECASE)
_NOT_ALLOWED = re.compile(r"denied|unauthorized|no basic auth", re.IGNORECASE)

Report = Callable[[str], None]
Stop = Callable[[], bool]


class Image(NamedTuple):
    """An image that is on this machine: its id, the user that its processes are by its own word ("" for root), and the
    variables that it sets."""

    image_id: str
    user: str
    variables: Dict[str, str]


def pulled(
    engine: Engine, name: str, login: Optional[Mapping[str, str]], folder: str, report: Report, stopped: Stop
) -> Image:
    """The image of a name; pulled, with the login if there is one, unless it is here. Raises ContainerFailed, or
    Stopped."""
    found = engine.inspect("image", name)
    if found is None:
        report("pulling %s" % name)
        with signed_in(engine, login, folder) as variables:
            command = [*engine.command_with(variables), "pull", name]
            done = watched.watch(command, variables, report, stopped)
        if done.code != 0:
            raise ContainerFailed(_why_not_pulled(engine, name, done.tail), done.tail)
        found = engine.inspect("image", name)
    if found is None:
        raise ContainerFailed("the image %s was pulled, and removed just then" % name)
    return _suitable(engine, name, found)


def built(
    engine: Engine, root: str, dockerfile: str, data: Optional[str], name: str, report: Report, stopped: Stop
) -> Image:
    """The image that the project's Dockerfile makes; what Docker has of an earlier build it takes. `data` is the folder
    that the run's data is in. Raises ContainerFailed, or Stopped."""
    report("building the image %s from %s" % (name, dockerfile))
    if data and not _ignored(root, data):
        report("the data in %s goes to the builder, each time: name it in .dockerignore" % data)
    with tempfile.TemporaryDirectory(prefix="runctl-") as folder:
        record = os.path.join(folder, "id")
        # a step that fails must not leave its container behind; those that fetch packages need a network, and not every
        # engine has one of its own
        words = ["build", "--force-rm", "--network", "host", "--tag", name, "--iidfile", record]
        words += ["--file", os.path.join(root, dockerfile), root]
        done = watched.watch(engine.command + words, {"BUILDKIT_PROGRESS": "plain"}, report, stopped)
        if done.code != 0:
            raise ContainerFailed("the image could not be built: %s" % explained(done.tail), done.tail)
        with open(record) as file:
            image_id = file.read().strip()
    found = engine.inspect("image", image_id)
    if found is None:
        raise ContainerFailed("the image %s was built, and removed just then" % name)
    return _suitable(engine, name, found)


def name_for(project: str) -> str:
    """What the image of a project is called: names of images have rules of their own."""
    return "runctl-" + (re.sub(r"[^a-z0-9]+", "-", project.lower()).strip("-") or "project")


def _ignored(root: str, data: str) -> bool:
    """Whether a folder of the project is left out of builds, or was not there yet; in doubt not."""
    name = os.path.relpath(data, root)
    if name.startswith("..") or not os.path.isdir(data):
        return True
    try:
        with open(os.path.join(root, ".dockerignore"), errors="replace") as file:
            lines = {line.strip().strip("/") for line in file}
    except OSError:
        return False
    return bool({name, "**/" + name, name + "/*", name + "/**", "*", "**"} & lines)


def _suitable(engine: Engine, name: str, found: Dict[str, Any]) -> Image:
    machine = str(engine.information.get("Architecture"))
    here, its = _ARCHITECTURES.get(machine, machine), found.get("Architecture") or ""
    if its and its != here:
        raise ContainerFailed("the image %s is for %s, and this machine is %s (%s)" % (name, its, here, machine))
    settings = found.get("Config") or {}
    variables = dict(each.partition("=")[::2] for each in settings.get("Env") or [])
    return Image(found["Id"], settings.get("User") or "", variables)


def _why_not_pulled(engine: Engine, name: str, tail: str) -> str:
    said = explained(tail)
    if _NO_PLATFORM.search(tail):
        return "there is no image %s for this machine, which is %s: %s" % (
            name,
            engine.information.get("Architecture"),
            said,
        )
    if _NOT_ALLOWED.search(tail):
        return "the image %s is not there, or may not be pulled: %s" % (name, said)
    if _NOT_THERE.search(tail):
        return "there is no image %s: %s" % (name, said)
    return "the image %s could not be pulled: %s" % (name, said)

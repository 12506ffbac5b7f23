"""A run on another machine, as data: which spec its agent gets, what is sent there first, where its results go."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from runctl.core.config import Config
from runctl.core.errors import RefusedError, UsageError
from runctl.core.folder import current_folder
from runctl.core.text import printable
from runctl.project.environment import check_script, plan_environment
from runctl.project.naming import project_name
from runctl.runs import mounts
from runctl.runs.plan import Plan
from runctl.runs.spec_parts import Asked, Found, composed, find, spec_of

PROJECTS = "~/runctl"
DATA_FOLDER = "data"
DOCKERFILE = "Dockerfile"


class Elsewhere(NamedTuple):
    """What is asked of a run because it is on another machine.

    `python` is an interpreter there. `docker` None means: where the project has a Dockerfile. `include` are patterns of
    files that are sent although git ignores them. `keep_code` takes the project as it is there, and sends nothing.
    """

    project_name: str | None = None
    python: str | None = None
    data_s3: str | None = None
    docker: bool | None = None
    docker_image: str | None = None
    mounts: Sequence[str] = ()
    include: Sequence[str] = ()
    keep_code: bool = False
    then: str = "keep"


class RemotePlan(NamedTuple):
    """A run on another machine before it starts. `root` is the project here, `name` what it is called there."""

    plan: Plan
    root: Path
    name: str
    include: tuple[str, ...]
    keep_code: bool

    @property
    def spec(self) -> dict[str, Any]:
        """What the agent gets."""
        return self.plan.spec

    @property
    def run_id(self) -> str:
        """The run's id."""
        run_id: str = self.spec["run_id"]
        return run_id

    @property
    def program(self) -> str:
        """The script as seen from the folder that it runs in."""
        return str(self.spec["command"][0])

    @property
    def data_uri(self) -> str | None:
        """Where its data comes from."""
        return self.spec["data"] and str(self.spec["data"]["uri"])

    @property
    def output_uri(self) -> str | None:
        """The prefix that its results go to, which is its own."""
        return self.spec["output"] and str(self.spec["output"]["uri"])

    def with_stamp(self, stamp: str | None) -> RemotePlan:
        """The plan for the project as it is on the machine at `stamp`."""
        spec = {**self.spec, "project": {**self.spec["project"], "stamp": stamp}}
        return self._replace(plan=self.plan._replace(spec=spec))

    def lines(self) -> list[str]:
        """The plan for people; of secrets only the names."""
        spec, rows = self.spec, []
        rows.append(("container", _described(spec["container"])))
        for mount in (spec["container"] or {}).get("mounts", ()):
            only = ", read only" if mount["read_only"] else ""
            rows.append(("mount", f"{mount['source']} at {mount['target']}{only}"))
        if self.data_uri:
            rows.append(("data", f"{self.data_uri} to {spec['data']['folder']}"))
        if self.output_uri:
            folders = [*spec["output"]["folders"], *spec["checkpoint_dirs"]]
            rows.append(("results", f"log, events, state and what is written in {', '.join(folders)}"))
            rows.append(("", f"to {self.output_uri}"))
        else:
            rows.append(("results", "stay on the machine (--output-s3 sends them to S3)"))
        return [*self.plan.lines(), *(f"{name:<12} {printable(value)}" for name, value in rows)]


def make_remote_plan(asked: Asked, elsewhere: Elsewhere, config: Config) -> RemotePlan:
    """Checks a script and everything that can be checked here. Nothing is made or sent.

    Raises RefusedError, NotFoundError, UsageError.
    """
    found = find(asked, config)
    name = project_name(elsewhere.project_name, found.root)
    root = f"{PROJECTS}/{name}"
    inside = _folder_inside(found.root)
    container = _container(elsewhere, found.root)
    environment = _environment(found, root, elsewhere.python, in_container=container is not None)
    check_script(found.script, {**environment, "python": None})  # type: ignore[typeddict-item]
    arguments = composed(asked, found)
    spec = spec_of(
        asked,
        found,
        arguments,
        config,
        program=_program(found, inside),
        root=root,
        workdir=str(PurePosixPath(root, inside)),
        environment=environment,
    )
    spec["project"] = {"name": name, "folder": root, "stamp": None}
    spec["data"] = _data(elsewhere.data_s3, root)
    spec["output"] = _output(config, spec["run_id"])
    spec["container"] = container
    spec["then"] = elsewhere.then
    plan = Plan(spec, dict(asked.secrets), arguments.warnings)
    return RemotePlan(plan, found.root, name, tuple(elsewhere.include), elsewhere.keep_code)


def _folder_inside(root: Path) -> PurePosixPath:
    """The current folder as seen from the project's root; the root itself where that is elsewhere."""
    here = current_folder().resolve()
    return PurePosixPath(here.relative_to(root)) if here.is_relative_to(root) else PurePosixPath()


def _program(found: Found, inside: PurePosixPath) -> str:
    """The script as seen from the folder that it runs in. Raises RefusedError for a link out of the project."""
    path = found.script.path
    if not path.resolve().is_relative_to(found.root):
        raise RefusedError(
            f"{printable(path.name)} is a link to a file outside of the project {printable(str(found.root))}",
            hint="only the project is sent; copy the script into it",
        )
    relative = os.path.relpath(path, found.root / inside)
    # a bare name would be looked for on PATH
    return relative if found.script.kind == "python" or "/" in relative else f"./{relative}"


def _environment(found: Found, root: str, python: str | None, in_container: bool) -> dict[str, Any]:
    """The environment on the machine. An image brings its own packages, and a machine its own Python where the
    project asks for none: then `python` is None."""
    if python is not None and not python.startswith("/"):
        raise UsageError(
            f"--python {printable(python)}: not an absolute path",
            hint="it names an interpreter on the machine (in the image, with Docker): /usr/bin/python3.12",
        )
    planned = plan_environment(found.script, found.root, None)
    if python or in_container or planned["kind"] == "interpreter":
        kind = "none" if planned["kind"] == "none" else "interpreter"
        planned = {**planned, **_NOTHING_BUILT, "kind": kind, "python": python}  # type: ignore[typeddict-item]
    return {**planned, "root": root}


_NOTHING_BUILT: Mapping[str, Any] = {
    "requires_python": None,
    "source": None,
    "requirements": [],
    "editable": False,
    "needs_uv": False,
    "bound_to_root": False,
    "files": [],
    "key": "",
}


def _container(elsewhere: Elsewhere, root: Path) -> dict[str, Any] | None:
    """The container of the spec; None for a run without one."""
    if elsewhere.docker is False and elsewhere.docker_image:
        raise UsageError("--no-docker and --docker-image contradict each other")
    dockerfile = (root / DOCKERFILE).is_file()
    if elsewhere.docker and not elsewhere.docker_image and not dockerfile:
        raise UsageError(
            f"--docker: there is no {DOCKERFILE} in {printable(str(root))}", hint="name an image: --docker-image IMAGE"
        )
    wanted = dockerfile if elsewhere.docker is None else elsewhere.docker
    if not (wanted or elsewhere.docker_image):
        if elsewhere.mounts:
            raise UsageError("--mount is for containers", hint="add --docker or --docker-image IMAGE")
        return None
    return {
        "image": elsewhere.docker_image,
        "dockerfile": None if elsewhere.docker_image else DOCKERFILE,
        "mounts": [mounts.parse(text)._asdict() for text in elsewhere.mounts],
        "login": None,
    }


def _data(uri: str | None, root: str) -> dict[str, Any] | None:
    return None if uri is None else {"uri": uri, "folder": f"{root}/{DATA_FOLDER}", **_service()}


def _output(config: Config, run_id: str) -> dict[str, Any] | None:
    if config.output_s3 is None:
        return None
    prefix = config.output_s3.rstrip("/")
    return {"uri": f"{prefix}/{run_id}/", "folders": list(config.output_dir), **_service()}


def _service() -> dict[str, Any]:
    """Where S3 is for this machine; the other's own variables go before it."""
    endpoint = os.environ.get("AWS_ENDPOINT_URL_S3") or os.environ.get("AWS_ENDPOINT_URL")
    return {"region": None, "endpoint": endpoint or None}


def _described(container: dict[str, Any] | None) -> str:
    if container is None:
        return "none"
    return container["image"] or f"built from the project's {container['dockerfile']} on the machine"

"""Where a container's image comes from: registries with and without a login."""

from __future__ import annotations

from pathlib import Path

import pytest
from containers import docker, make_image, spec_of, start_spec
from registry import serving
from support import Runctl, write_script

from python_image import IMAGE

pytestmark = pytest.mark.slow
PASSWORD = "token-of-the-registry"


@pytest.fixture(autouse=True)
def image() -> None:
    make_image()


def test_an_image_is_pulled_with_the_login_which_is_kept_nowhere(folder: Path, runctl: Runctl, home: Path) -> None:
    with serving(IMAGE, PASSWORD) as registry:
        login = {"registry": registry.host, "username": "AWS", "password": PASSWORD}
        run = start_spec(spec_of(runctl, write_script("print(1)"), image=registry.image), login=login)
        assert run.finished()["outcome"] == "succeeded", run.texts()
        assert any("/blobs/" in path for path in registry.let_in)
    for path in Path(home).rglob("*"):
        assert not path.is_file() or PASSWORD.encode() not in path.read_bytes(), path
    assert not list(Path(run.folder.path).glob("docker-*"))
    config = Path("~/.docker/config.json").expanduser()
    assert not config.exists() or registry.host not in config.read_text()


def test_a_wrong_login_and_none_are_told_apart(folder: Path, runctl: Runctl) -> None:
    with serving(IMAGE, PASSWORD) as registry:
        login = {"registry": registry.host, "username": "AWS", "password": "wrong"}
        run = start_spec(spec_of(runctl, write_script("print(1)"), image=registry.image), login=login)
        assert f"cannot sign in to {registry.host}" in run.finished()["reason"]
        run = start_spec(spec_of(runctl, "train.py", image=registry.image))
        assert f"{registry.image} is not there, or may not be pulled" in run.finished()["reason"]


def test_a_registry_without_logins_and_an_image_that_it_lacks(folder: Path, runctl: Runctl) -> None:
    with serving(IMAGE) as registry:
        run = start_spec(spec_of(runctl, write_script("print(1)"), image=registry.image))
        assert run.finished()["outcome"] == "succeeded", run.texts()
        run = start_spec(spec_of(runctl, "train.py", image=f"{registry.host}/team/model:2"))
        assert f"there is no image {registry.host}/team/model:2" in run.finished()["reason"]


def test_an_image_of_another_architecture_is_refused_by_name(folder: Path, runctl: Runctl) -> None:
    other = "arm64" if docker("info", "--format", "{{.Architecture}}") == "x86_64" else "amd64"
    with serving(IMAGE, architecture=other) as registry:
        run = start_spec(spec_of(runctl, write_script("print(1)"), image=registry.image))
        assert f"{registry.image} is for {other}, and this machine is" in run.finished()["reason"]

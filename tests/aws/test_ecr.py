"""Signing in to ECR with the client's own credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from account import Sandbox
from runctl.core.config import load
from runctl.machines.ecr import login_for

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "host",
    ["123456789012.dkr.ecr.eu-west-1.amazonaws.com", "123456789012.dkr-ecr.eu-west-1.on.aws"],
)
def test_a_private_registry_of_aws_gives_a_password(account: Sandbox, folder: Path, host: str) -> None:
    found = login_for(load(folder), f"{host}/team/model:1")
    assert found is not None
    assert (found["registry"], found["username"]) == (host, "AWS")
    assert found["password"]


@pytest.mark.parametrize(
    "image", ["pytorch/pytorch", "public.ecr.aws/docker/library/python:3", "local:1", "ghcr.io/a/b"]
)
def test_others_need_no_login_of_aws(account: Sandbox, folder: Path, image: str) -> None:
    assert login_for(load(folder), image) is None

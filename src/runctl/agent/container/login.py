"""Signing in to a registry for one pull: the password is never in argv, and not on the disk afterwards."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import contextmanager
from typing import Dict, Iterator, Mapping, Optional

from runctl.agent.container.engine import ContainerFailed, Engine, explained


@contextmanager
def signed_in(engine: Engine, login: Optional[Mapping[str, str]], folder: str) -> Iterator[Dict[str, str]]:
    """The variables with which Docker pulls: those of a configuration of its own in `folder`, signed in as `login`
    says (`registry`, `username`, `password`), and removed after the block; none without a login. Raises
    ContainerFailed."""
    if login is None:
        yield {}
        return
    own = tempfile.mkdtemp(prefix="docker-", dir=folder)
    try:
        variables = {"DOCKER_CONFIG": own}
        words = ["login", "--username", login["username"], "--password-stdin", login["registry"]]
        done = engine.run(words, variables, login["password"].encode())
        if done.code != 0:
            raise ContainerFailed("cannot sign in to %s: %s" % (login["registry"], explained(done.complaint)))
        yield variables
    finally:
        shutil.rmtree(own, ignore_errors=not os.path.exists(own))

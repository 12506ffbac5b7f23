"""The two stages of a boot, as cloud-init orders them: what must be before anybody logs in, and the rest."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from . import accounts, files, instance
from .instance import Log, first_time
from .shell import CommandFailed, run, run_script, shell_script
from .userdata import Part

Config = dict[str, object]

_KNOWN = (
    *("bootcmd", "write_files", "hostname", "fqdn", "preserve_hostname", "users", "ssh_authorized_keys", "mounts"),
    *("runcmd", "packages", "package_update", "package_upgrade", "package_reboot_if_required"),
)


class Stages:
    """Carries out what user data asks for. A step that fails is logged, and the next one comes, as with cloud-init."""

    def __init__(self, scripts: list[Part], config: Config, log: Log) -> None:
        self._scripts = scripts
        self._config = config
        self._log = log
        self.errors: list[str] = []

    def init(self) -> None:
        """Commands of every boot, files, mounts, the host's name, users and their keys."""
        for key in sorted(set(self._config) - set(_KNOWN)):
            self._log(f"WARNING: cloud-config key {key!r} is not supported by the sandbox")
        if commands := self._list("bootcmd"):
            self._try("bootcmd", run, ["/bin/sh", "-c", shell_script(commands)])
        self._each("write_files", self._write_file)
        self._each("mounts", files.mount)
        name = self._config.get("hostname", self._config.get("fqdn"))
        if name:  # at every boot: the files that keep it are Docker's, which writes them anew
            self._try("hostname", files.set_hostname, str(name))
        self._each("users", self._add_user)
        keys = accounts.texts(self._config.get("ssh_authorized_keys"))
        if keys and first_time("ssh_authorized_keys"):
            for user in accounts.DEFAULT_USERS:
                accounts.add_keys(user, keys)

    def final(self) -> None:
        """Packages, deferred files, then the scripts in the order of their names; `runcmd` is one of them."""
        if self._config.get("package_update") or self._config.get("package_upgrade"):
            self._log("package_update is ignored by the sandbox: packages are as the image has them")
        if (packages := self._list("packages")) and first_time("packages"):
            self._try("packages", _install, packages)
        self._each("write_files", self._write_deferred, once="write_files_deferred")
        for path, content in sorted(self._all_scripts().items()) if first_time("scripts") else ():
            self._try("scripts", run_script, path, content)

    def _all_scripts(self) -> dict[Path, bytes]:
        folder = instance.CURRENT / "scripts"
        names = [script.name.replace("/", "_") or f"part-{number:03}" for number, script in enumerate(self._scripts, 1)]
        scripts = {folder / name: script.content for name, script in zip(names, self._scripts, strict=True)}
        if commands := self._list("runcmd"):
            scripts[folder / "runcmd"] = shell_script(commands).encode()
        return scripts

    def _write_file(self, entry: Config) -> None:
        if not entry.get("defer"):
            files.write_file(entry)

    def _write_deferred(self, entry: Config) -> None:
        if entry.get("defer"):
            files.write_file(entry)

    def _add_user(self, entry: object) -> None:
        if isinstance(entry, dict):
            accounts.add_user(entry)
        elif entry != "default":  # the image's users are there
            accounts.add_user({"name": entry})

    def _list(self, key: str) -> list[object]:
        value = self._config.get(key) or []
        if isinstance(value, list):
            return value
        self._fail(key, f"a list is needed, not {type(value).__name__}")
        return []

    def _each(self, key: str, act: Callable[[Any], None], once: str = "") -> None:
        """Acts on each entry of a list, once on this instance."""
        entries = self._list(key)
        if entries and first_time(once or key):
            for entry in entries:
                self._try(key, act, entry)

    def _try(self, what: str, act: Callable[..., None], *arguments: object) -> None:
        try:
            act(*arguments)
        except (CommandFailed, OSError, LookupError, TypeError, ValueError, AttributeError) as error:
            self._fail(what, f"{type(error).__name__}: {error}")  # whatever a wrong entry causes

    def _fail(self, what: str, why: str) -> None:
        self.errors.append(f"{what}: {why}")
        self._log(f"ERROR: {what}: {why}")


def _install(packages: list[object]) -> None:
    # a minute of retries would tell nothing new where there is no network
    run(["apt-get", "update", "--quiet", "--option=Acquire::Retries=0", "--option=Acquire::http::Timeout=5"])
    run(["apt-get", "install", "--yes", "--quiet", *(str(package) for package in packages)])

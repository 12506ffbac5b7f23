"""Looks for whatever could keep runctl from working in an account, or costs money there unnoticed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple

from runctl.core.aws import Account
from runctl.core.config import Config
from runctl.core.errors import RunctlError
from runctl.providers.aws import doctor_account, doctor_belongings, doctor_permissions
from runctl.providers.aws.findings import FAIL, Finding

Look = Callable[[Account, Config], Iterator[Finding]]


class _Section(NamedTuple):
    subject: str
    look: Look


# without the first nothing else can be asked
_FIRST = _Section("credentials", doctor_account.identity)
_SECTIONS = (
    _Section("region", doctor_account.region),
    _Section("clock", doctor_account.clock),
    _Section("permissions", doctor_permissions.permissions),
    _Section("image", doctor_account.images),
    _Section("quota", doctor_account.vcpus),
    _Section("S3", doctor_account.buckets),
    _Section("access", doctor_belongings.access),
    _Section("leftovers", doctor_belongings.leftovers),
)


def examine(account: Account, config: Config) -> Iterator[Finding]:
    """Every finding, as soon as it is known. Raises UsageError where no region is set."""
    _ = account.region
    first = list(_findings(_FIRST, account, config))
    yield from first
    if any(finding.level == FAIL for finding in first):
        return
    for section in _SECTIONS:
        yield from _findings(section, account, config)


def _findings(section: _Section, account: Account, config: Config) -> Iterator[Finding]:
    try:
        yield from section.look(account, config)
    except RunctlError as error:
        yield Finding(FAIL, section.subject, error.message, error.hint)

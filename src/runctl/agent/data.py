"""Brings a run's data down from S3 before its script starts."""

from __future__ import annotations

from typing import Any, Callable

from runctl.agent.beside import Beside
from runctl.agent.record import Record
from runctl.agent.s3 import location, transfer
from runctl.agent.s3.errors import S3Error
from runctl.agent.s3.transfer_model import Downloaded, TransferError
from runctl.agent.store import explained, open_store
from runctl.agent.transfer_events import TransferEvents, size


class DataFailed(Exception):
    """The data is not there; the message says why."""


def bring(data: dict[str, Any], record: Record, stopped: Callable[[], bool]) -> None:
    """Downloads `data["uri"]`, a prefix or one object, into `data["folder"]`; what is there unchanged stays.

    `data` is the `data` of a spec. What an earlier call left half-way is gone on with. Raises DataFailed, or
    `runctl.agent.beside.Ended` within two seconds of `stopped()`.
    """
    events = TransferEvents(record, "data", "downloading data")
    beside: Beside[Downloaded] = Beside()

    def download() -> Downloaded:
        source = location.parse(data["uri"])
        return transfer.download(open_store(data, beside.asked_to_end), source, data["folder"], events.report)

    try:
        done = beside.carry_out(download, events.tick, stopped)
    except (S3Error, TransferError, OSError, ValueError) as error:
        raise DataFailed("the data could not be downloaded from %s: %s" % (data["uri"], explained(error))) from error
    unchanged = ", %d unchanged" % done.skipped if done.skipped else ""
    events.done("data: %d files, %s%s" % (done.files, size(done.bytes), unchanged))

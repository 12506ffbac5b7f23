"""What the commands of S3 share: a plan, shown or carried out with progress on stderr."""

from __future__ import annotations

from typing import Protocol

from runctl.agent.s3.client import S3
from runctl.agent.s3.location import Location
from runctl.cli.app import App
from runctl.core.errors import RefusedError
from runctl.storage import s3_download, s3_upload
from runctl.storage.s3 import location, talking
from runctl.ui.transfers import Outcome, TransferProgress, outcome_document, outcome_lines


class Transfer(Protocol):
    """A transfer that is planned: nothing was written yet."""

    def planned(self) -> Outcome:
        """What would be done."""

    def carry_out(self) -> Outcome:
        """Does it. Raises RunctlError."""


class Upload:
    """A folder, or a file, to S3; with `delete`, objects that have no file go."""

    def __init__(self, s3: S3, source: str, target: str, delete: bool, app: App) -> None:
        """Raises NotFoundError, RefusedError, CloudError, UsageError."""
        self._s3, self._source, self._app = s3, source, app
        with TransferProgress(app.console, "compared") as progress:
            self._plan = s3_upload.plan_upload(s3, source, location(target), app.config.home, progress)
        plan = self._plan
        self._target = Location(plan.bucket, plan.prefix)
        self._superfluous = plan.superfluous if delete else []

    def planned(self) -> Outcome:
        plan = self._plan
        copied = [(file.name, file.size) for file in plan.files]
        deleted = [(found.key[len(plan.prefix) :], found.size) for found in self._superfluous]
        return Outcome(self._source, str(self._target), copied, len(plan.unchanged), deleted, None)

    def carry_out(self) -> Outcome:
        with TransferProgress(self._app.console, "uploaded") as progress:
            uploaded = s3_upload.carry_out(self._s3, self._plan, progress)
        if self._superfluous:
            with talking():
                self._s3.delete(self._plan.bucket, [found.key for found in self._superfluous])
        return self.planned()._replace(verified={"crc32": len(uploaded)} if uploaded else {})


class Download:
    """What is below a prefix, or an object, into a folder; with `delete`, files that have no object go."""

    def __init__(self, s3: S3, source: str, target: str, delete: bool, app: App) -> None:
        """Raises NotFoundError, RefusedError, CloudError, UsageError."""
        self._s3, self._target, self._app = s3, target, app
        self._plan = s3_download.plan(s3, location(source), target)
        if delete and self._plan.single:
            raise RefusedError(f"{source} is one object: with --delete all else in {target} would go")
        self._source = Location(self._plan.bucket, self._plan.prefix)
        self._superfluous = s3_download.superfluous(self._plan) if delete else []

    def planned(self) -> Outcome:
        copied = [(each.path, each.object.size) for each in self._plan.files]
        deleted = [(file.name, file.size) for file in self._superfluous]
        return Outcome(str(self._source), self._target, copied, len(self._plan.unchanged), deleted, None)

    def carry_out(self) -> Outcome:
        with TransferProgress(self._app.console, "downloaded") as progress:
            done = s3_download.carry_out(self._s3, self._plan, progress)
        s3_download.delete(self._superfluous)
        return self.planned()._replace(verified=done.verified)


def show(app: App, outcome: Outcome) -> None:
    """Answers with what was done, or would be; `--quiet` prints the names of what is copied."""
    app.answer(outcome_document(outcome), outcome_lines(outcome), [name for name, _ in outcome.copied])

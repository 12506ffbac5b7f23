"""Shows how far a machine has come with a volume."""

from __future__ import annotations

from runctl.core.text import printable, size
from runctl.transport.volumes_client import Progress
from runctl.ui.progress_line import ProgressLine


class VolumeProgress(ProgressLine):
    """Takes what the agent reports."""

    def __call__(self, progress: Progress) -> None:
        if progress.done is None or progress.total is None:
            self.note(f"{progress.volume_id}: {printable(progress.stage)}")
            return
        share = f"{size(progress.done)} of {size(progress.total)} ({progress.done * 100 // max(1, progress.total)} %)"
        text = f"{progress.volume_id}: {printable(progress.stage)} {share}"
        self.show(text + self.speed(progress.done, progress.total))

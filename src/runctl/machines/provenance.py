"""What is known of a volume's contents from where it comes: tags say what runctl did, EC2 when it was attached.

`runctl:blank` is `true` from the moment in which runctl makes a volume without a snapshot until it is attached. Then
it becomes the mark of that very attachment, or is taken away because the volume is formatted at once. The agent
believes it only as long as the machine's kernel has counted no write to the disk since.
"""

from __future__ import annotations

from runctl.providers.aws import tags
from runctl.providers.aws.model import Attachment, Volume

DEFAULT_FORMAT = "xfs"
# volumes that are made together with an instance are attached by EC2 within moments
_MADE_WITH_INSTANCE_S = 60.0


def is_unused(volume: Volume) -> bool:
    """Whether runctl made the volume, without a snapshot, and nobody has attached it through runctl since."""
    return volume.blank and volume.snapshot_id is None


def mark(instance_id: str, attachment: Attachment) -> str:
    """The value of the tag for a volume that was unused until this attachment."""
    return f"{instance_id}@{attachment.attached_at or 0:.0f}"


def blank_at(volume: Volume, attachment: Attachment) -> float | None:
    """The Unix time of the attachment when the volume was unused until then; None when that is not known."""
    at = attachment.attached_at
    if at is None or volume.snapshot_id:
        return None
    with_instance = volume.blank and at - volume.created_at < _MADE_WITH_INSTANCE_S
    marked = volume.tags.get(tags.BLANK) == mark(attachment.instance_id, attachment)
    return at if with_instance or marked else None


def default_format(volume: Volume) -> str | None:
    """The file system that a volume of runctl's own making gets without being asked, if it is blank; else None."""
    made_empty = volume.managed and volume.snapshot_id is None
    return DEFAULT_FORMAT if made_empty and tags.FILE_SYSTEM not in volume.tags else None

"""What the client decides about volumes, and what it shows."""

from __future__ import annotations

import pytest

from runctl.core.errors import UsageError
from runctl.machines import provenance
from runctl.machines.volumes import default_point
from runctl.providers.aws import new_volume, tags
from runctl.providers.aws.model import Attachment, Price, Volume
from runctl.providers.aws.new_volume import Wanted
from runctl.transport.volumes_client import Progress
from runctl.ui.console import Console
from runctl.ui.volume_progress import VolumeProgress
from runctl.ui.volumes import volume_row

MADE_AT = 1_000_000.0


def volume(snapshot: str | None = None, **own: str) -> Volume:
    every = {tags.MANAGED: "true", **{name.replace("_", "-"): value for name, value in own.items()}}
    named = {f"runctl:{name}" if name in ("blank", "file-system", "mount") else name: every[name] for name in every}
    return Volume("vol-0a", "available", 500, "gp3", "us-east-1a", 3000, 125, True, snapshot, MADE_AT, (), named)


def attachment(at: float | None) -> Attachment:
    return Attachment("i-0a", "/dev/sdf", "attached", False, at)


def test_a_volume_of_runctls_own_making_is_formatted_unasked_once() -> None:
    assert provenance.default_format(volume()) == "xfs"
    assert provenance.default_format(volume(file_system="xfs")) is None
    assert provenance.default_format(volume(snapshot="snap-0a")) is None
    assert provenance.default_format(volume()._replace(tags={})) is None


def test_a_mark_is_good_for_the_attachment_that_it_was_made_for_alone() -> None:
    first = attachment(MADE_AT + 500)
    marked = volume(blank=provenance.mark("i-0a", first))
    assert provenance.blank_at(marked, first) == MADE_AT + 500
    assert provenance.blank_at(marked, attachment(MADE_AT + 900)) is None
    assert provenance.blank_at(marked, first._replace(instance_id="i-0b")) is None
    assert provenance.blank_at(marked, attachment(None)) is None
    assert provenance.blank_at(marked._replace(snapshot_id="snap-0a"), first) is None


def test_a_blank_volume_is_known_to_be_so_when_it_was_made_with_its_instance_but_not_when_attached_by_others() -> None:
    assert provenance.blank_at(volume(blank="true"), attachment(MADE_AT + 2)) == MADE_AT + 2
    assert provenance.blank_at(volume(blank="true"), attachment(MADE_AT + 600)) is None
    assert provenance.blank_at(volume(), attachment(MADE_AT + 2)) is None


@pytest.mark.parametrize(
    ("name", "point"),
    [("imagenet", "/mnt/imagenet"), ("v1.2_x-y", "/mnt/v1.2_x-y"), ("", "/mnt/vol-0a"), ("../etc", "/mnt/vol-0a"),
     ("a b", "/mnt/vol-0a"), (".hidden", "/mnt/vol-0a")],
)  # fmt: skip
def test_the_folder_is_called_like_the_volume_where_that_is_a_folders_name(name: str, point: str) -> None:
    assert default_point(volume(Name=name)) == point


@pytest.mark.parametrize("text", ["vol-1", "snap-1", "-x", "", " ", "a\nb", "x" * 300])
def test_what_looks_like_an_id_is_no_name(text: str) -> None:
    with pytest.raises(UsageError):
        new_volume.parse_name(text)


@pytest.mark.parametrize(
    ("kind", "iops", "throughput", "hint"),
    [("st1", 3000, None, "it can for gp3"), ("io2", None, None, "--iops 4000"), ("gp2", None, 250, "it can for gp3")],
)
def test_performance_that_a_type_does_not_have_is_refused(
    kind: str, iops: int | None, throughput: int | None, hint: str
) -> None:
    wanted = Wanted(500, kind, iops, throughput, None, None, None, True, None, {})
    with pytest.raises(UsageError) as refused:
        new_volume.complete(None, wanted)  # type: ignore[arg-type]  # it is refused before the account is asked
    assert hint in (refused.value.hint or "")


def test_a_row_tells_what_a_month_costs_and_whose_it_is() -> None:
    row = volume_row(volume(Name="data"), Price(40 / 730, "table"))
    assert row[-2:] == ("40.00", "")
    assert volume_row(volume()._replace(tags={}), Price(0.1, "table"))[-1] == "not runctl's"


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    clock = iter(range(10_000))
    with VolumeProgress(Console(), lambda: float(next(clock))) as report:
        report(Progress("vol-0a", "waiting\x1b", None, None))
        for done in range(100):
            report(Progress("vol-0a", "reading", done << 30, 100 << 30))
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "vol-0a: waiting\\x1b"
    assert 3 < len(lines) < 40
    assert "left" in lines[-1] and "of 100.0 GiB" in lines[-1]

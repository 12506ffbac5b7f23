"""What may be asked of a new instance."""

from __future__ import annotations

from pathlib import Path

import pytest

from runctl.core.errors import UsageError
from runctl.providers.aws import wanted
from runctl.providers.aws.wanted import NewVolume


def test_volumes_are_given_by_size_and_mount_point() -> None:
    assert wanted.parse_volumes(["500:/mnt/data", "8", "20G:/data/"]) == (
        NewVolume(500, "/mnt/data", "/dev/sdf"),
        NewVolume(8, None, "/dev/sdg"),
        NewVolume(20, "/data", "/dev/sdh"),
    )


@pytest.mark.parametrize(
    ("texts", "named"),
    [
        (["0"], "size"),
        (["70000"], "size"),
        (["1.5"], "size"),
        (["-5"], "size"),
        (["٣"], "size"),
        (["5:"], "mount point"),
        (["5:data"], "mount point"),
        (["5:/"], "system"),
        (["5:/home"], "system"),
        (["5:/etc/x"], "system"),
        (["5:/mnt/../etc"], "mount point"),
        (["5://mnt"], "mount point"),
        (["5:/mnt/a\x1b[2J"], "mount point"),
        (["5:/mnt/" + "a" * 300], "mount point"),
        (["5:/mnt/a", "5:/mnt/a"], "both"),
        (["5:/mnt/a", "5:/mnt/a/b"], "both"),
        (["5"] * 12, "more than 11"),
    ],
)
def test_a_volume_that_can_not_be_is_refused(texts: list[str], named: str) -> None:
    with pytest.raises(UsageError) as failure:
        wanted.parse_volumes(texts)
    assert named in failure.value.message
    assert "\x1b" not in failure.value.message


def test_volumes_side_by_side_are_fine() -> None:
    assert len(wanted.parse_volumes(["5:/mnt/a", "5:/mnt/ab", "5", "5"])) == 4


def test_tags_are_given_by_key_and_value() -> None:
    assert wanted.parse_tags(["team=vision", "empty=", "formula=a=b"]) == {
        "team": "vision",
        "empty": "",
        "formula": "a=b",
    }


@pytest.mark.parametrize(
    "text", ["team", "=x", "runctl:managed=false", "aws:x=1", "Name=x", "Runctl:x=1", "k" * 129 + "=1"]
)
def test_a_tag_that_is_reserved_or_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        wanted.parse_tags([text])


def test_keys_of_an_instances_tags_are_those_that_its_metadata_can_show() -> None:
    assert wanted.parse_instance_tags(["a-b.c_d:e@f,g+h=a b"]) == {"a-b.c_d:e@f,g+h": "a b"}


@pytest.mark.parametrize("key", ["a b", "a/b", "größe", "a\nb", ".", "..", "_index", "it's"])
def test_another_key_is_refused_for_an_instance_alone(key: str) -> None:
    assert wanted.parse_tags([f"{key}=x"]) == {key: "x"}
    with pytest.raises(UsageError, match="can't be a key"):
        wanted.parse_instance_tags([f"{key}=x"])


@pytest.mark.parametrize("text", ["", " ", "i-0abc", "-x", "a\nb", "n" * 252])
def test_a_name_that_could_be_taken_for_something_else_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        wanted.parse_name(text)


@pytest.mark.parametrize("text", ["0", "-1", "1e3", "nan", "0.0", "", "1,5"])
def test_a_price_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(UsageError):
        wanted.parse_price(text)


def test_user_data_that_ec2_would_not_take_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "user-data"
    file.write_bytes(b"#!/bin/sh\n" + bytes(16374))
    assert len(wanted.read_user_data(file)) == 16384
    file.write_bytes(bytes(16385))
    with pytest.raises(UsageError):
        wanted.read_user_data(file)

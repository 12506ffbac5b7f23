"""Transfers that are interrupted, run out of disk or meet an S3 that fails; all is well in the end."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from s3_support import Bucket, Runctl, bucket_of, files_in, requests, write

from account import Sandbox, until
from running import RUNCTL

pytestmark = pytest.mark.slow

Fault = Callable[..., None]
MANY = {f"{number % 3}/{number:02d}": random.Random(number).randbytes(20_000) for number in range(40)}
LARGE = {"large": random.Random(0).randbytes(40 << 20)}


@pytest.fixture
def bucket(account: Sandbox) -> Iterator[Bucket]:
    with bucket_of(account, "interrupted") as found:
        yield found


def interrupted(condition: Callable[[], object], what: str, *words: str) -> str:
    """What `runctl s3 WORDS…` says when Ctrl-C comes as soon as the condition is true; it ends at once."""
    process = subprocess.Popen([*RUNCTL, "s3", *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        until(condition, what, found_instead=process.poll)
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=10)
    finally:
        process.kill()
    assert (process.returncode, stdout) == (130, ""), stderr
    return stderr


def parts(bucket: Bucket, upload: dict[str, str]) -> list[object]:
    found = bucket.client.list_parts(Bucket=bucket.name, Key=upload["Key"], UploadId=upload["UploadId"])
    return list(found.get("Parts", []))


def test_an_upload_that_was_interrupted_is_gone_on_with(
    runctl: Runctl, folder: Path, account: Sandbox, bucket: Bucket, fault: Fault
) -> None:
    write(folder / "data", LARGE)
    fault("hang", "action=UploadPart", times=1)

    def all_parts_but_one() -> bool:
        uploads = bucket.uploads()
        return bool(uploads) and len(parts(bucket, uploads[0])) == 4

    interrupted(all_parts_but_one, "four parts of five", "upload", "data", bucket.uri("data"))
    assert bucket.listed() == []
    before = len(requests(account, "UploadPart"))

    done = runctl("s3", "upload", "data", bucket.uri("data"))
    assert done.returncode == 0, done.stderr
    assert len(requests(account, "UploadPart")) - before == 1
    assert bucket.contents() == {"data/large": LARGE["large"]}
    assert bucket.uploads() == []


def test_a_download_that_was_interrupted_is_gone_on_with(
    runctl: Runctl, folder: Path, account: Sandbox, bucket: Bucket, fault: Fault
) -> None:
    bucket.put(LARGE)
    fault("hang-half-way", "action=GetObject", times=1)

    def all_parts_but_one() -> bool:
        # a line that says of what, and one for each part
        return any(path.read_text().count("\n") == 3 for path in (folder / "back").glob(".runctl-part-*.json"))

    interrupted(all_parts_but_one, "two parts of three", "download", bucket.uri(), "back")
    assert not (folder / "back/large").exists()
    before = len(requests(account, "GetObject"))

    done = runctl("s3", "download", bucket.uri(), "back")
    assert done.returncode == 0, done.stderr
    assert len(requests(account, "GetObject")) - before == 1
    assert files_in(folder / "back") == LARGE


@pytest.mark.parametrize("name", ["error", "throttle", "cut-short", "kill"])
def test_though_a_third_of_all_requests_fails_everything_arrives(
    runctl: Runctl, folder: Path, account: Sandbox, bucket: Bucket, fault: Fault, name: str
) -> None:
    contents = {**MANY, **LARGE}
    write(folder / "data", contents)
    fault(name, "service=s3", "percent=30")
    up = runctl("s3", "upload", "data", bucket.uri("data"), timeout=200)
    assert up.returncode == 0, up.stderr
    down = runctl("s3", "download", bucket.uri("data"), "back", timeout=200)
    assert down.returncode == 0, down.stderr
    assert files_in(folder / "back") == contents
    account("fault", "clear")
    assert bucket.contents() == {f"data/{key}": content for key, content in contents.items()}
    # one whose id was lost on the way can't be ended, and costs nothing
    assert [parts(bucket, upload) for upload in bucket.uploads() if parts(bucket, upload)] == []


def test_bytes_that_were_damaged_on_the_way_are_fetched_anew(
    runctl: Runctl, folder: Path, bucket: Bucket, fault: Fault
) -> None:
    bucket.put(MANY)
    fault("corrupt", "action=GetObject", times=1)
    done = runctl("s3", "download", bucket.uri(), "back")
    assert done.returncode == 0, done.stderr
    assert files_in(folder / "back") == MANY


def test_a_large_file_that_was_damaged_on_the_way_gets_no_name(
    runctl: Runctl, folder: Path, bucket: Bucket, fault: Fault
) -> None:
    bucket.put(LARGE)
    fault("corrupt", "action=GetObject", times=1)
    done = runctl("s3", "download", bucket.uri(), "back")
    assert (done.returncode, done.stdout) == (1, "")
    assert "back/large did not arrive as it is stored; what came was removed" in done.stderr
    assert list((folder / "back").iterdir()) == []
    assert runctl("s3", "download", bucket.uri(), "back").returncode == 0
    assert files_in(folder / "back") == LARGE


@pytest.mark.parametrize("name", ["hang", "hang-half-way"])
def test_an_s3_that_hangs_is_asked_again(runctl: Runctl, folder: Path, bucket: Bucket, fault: Fault, name: str) -> None:
    bucket.put({**MANY, **LARGE})
    for action in ("ListObjectsV2", "GetObject"):
        fault(name, f"action={action}", times=1)
    done = runctl("s3", "download", bucket.uri(), "back", timeout=200)
    assert done.returncode == 0, done.stderr
    assert files_in(folder / "back") == {**MANY, **LARGE}


# a disk of 16 MiB at ./small that these commands alone see
SMALL_DISK = """
set -e
mkdir small
mount -t tmpfs -o size=16m tmpfs small
set +e
download() { "$PYTHON" -m runctl s3 download "$URI" small/back; }
"""


def on_small_disk(commands: str, uri: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "PYTHON": sys.executable, "URI": uri}
    command = ["unshare", "--mount", "sh", "-c", SMALL_DISK + commands]
    return subprocess.run(command, capture_output=True, text=True, timeout=100, env=variables)


def test_a_disk_that_is_too_small_is_found_out_before_anything_comes(folder: Path, bucket: Bucket) -> None:
    bucket.put(LARGE)
    done = on_small_disk("download; code=$?; ls -A small; exit $code", bucket.uri())
    assert (done.returncode, done.stdout) == (3, "")
    assert "40.0 MiB are needed" in done.stderr


def test_a_disk_that_fills_up_meanwhile_leaves_no_half_file_and_then_it_goes_on(
    folder: Path, bucket: Bucket, fault: Fault
) -> None:
    contents = {f"{number:02d}": random.Random(number).randbytes(400_000) for number in range(30)}
    bucket.put(contents)
    # what comes first is written; what hangs finds the disk full when it is asked for again
    fault("hang-half-way", "action=GetObject", "percent=30", times=5)
    commands = """
    download 2>error &
    until [ "$(ls small/back 2>/dev/null | wc -l)" = 25 ]; do sleep 0.05; done
    dd if=/dev/zero of=small/ballast bs=4k 2>/dev/null
    wait $!
    echo $?
    ls -A small/back | wc -l
    rm small/ballast
    download
    cp -r small/back back
    """
    done = on_small_disk(commands, bucket.uri())
    code, left, second = done.stdout.splitlines()
    assert (code, left) == ("1", "25"), done.stderr
    assert second.startswith("5 files copied (1.9 MiB), 25 unchanged, ")
    error = (folder / "error").read_text()
    assert "could not be written: No space left on device" in error and "make room" in error
    assert files_in(folder / "back") == contents

"""`runctl s3 upload | download | sync | list` as a user meets them."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from s3_support import Bucket, Runctl, bucket_of, document, files_in, on_terminal, write

from account import Sandbox

pytestmark = pytest.mark.slow

LARGE = random.Random(1).randbytes(40 << 20)
ODD_NAMES = ["a b", 'it\'s "odd"', "new\nline", "日本/é", "x+y%20&=?#;", "-rf", "~", " lead", "tab\t", "back\\slash"]


@pytest.fixture
def bucket(account: Sandbox) -> Iterator[Bucket]:
    with bucket_of(account, "commands") as found:
        yield found


def test_a_folder_goes_up_and_comes_back_and_only_once(runctl: Runctl, folder: Path, bucket: Bucket) -> None:
    contents = {"one": b"1", "sub/two": b"22", "sub/empty": b"", "large": LARGE}
    write(folder / "data", contents)

    plan = runctl("s3", "upload", "data", bucket.uri("data"), "--dry-run")
    assert plan.returncode == 0, plan.stderr
    assert "copy    sub/two  2 B\n" in plan.stdout
    assert "4 files to copy (40.0 MiB), 0 to delete, 0 unchanged\n" in plan.stdout
    assert bucket.listed() == []

    up = runctl("s3", "upload", "data", bucket.uri("data"))
    assert (up.returncode, up.stdout) == (0, "4 files copied (40.0 MiB), 0 unchanged, verified: 4 by CRC32\n"), (
        up.stderr
    )
    assert bucket.contents() == {f"data/{name}": content for name, content in contents.items()}
    assert runctl("s3", "upload", "data", bucket.uri("data")).stdout == "0 files copied (0 B), 4 unchanged\n"

    down = document(runctl, "download", bucket.uri("data"), "back")
    assert (down["copied_bytes"], down["unchanged"], down["dry_run"]) == (len(LARGE) + 3, 0, False)
    assert (down["verified"].pop("size"), sum(down["verified"].values())) == (1, 3)
    assert files_in(folder / "back") == contents
    again = document(runctl, "sync", bucket.uri("data/"), "back")
    assert (again["copied"], again["unchanged"], again["verified"]) == ([], 4, {})


def test_what_has_changed_is_copied_in_either_direction(runctl: Runctl, folder: Path, bucket: Bucket) -> None:
    write(folder / "data", {"same": b"same", "changed": b"old!"})
    assert runctl("s3", "sync", "data", bucket.uri("data")).returncode == 0
    write(folder / "data", {"changed": b"new!"})
    assert runctl("s3", "sync", "data", bucket.uri("data"), "-q").stdout == "changed\n"
    assert bucket.contents() == {"data/same": b"same", "data/changed": b"new!"}

    assert runctl("s3", "sync", bucket.uri("data"), "back").returncode == 0
    bucket.put({"data/changed": b"newer"})
    planned = document(runctl, "sync", bucket.uri("data"), "back", "--dry-run")
    assert planned["copied"] == [{"name": "changed", "size_bytes": 5}]
    assert planned["verified"] is None
    assert runctl("s3", "sync", bucket.uri("data"), "back").returncode == 0
    assert files_in(folder / "back") == {"same": b"same", "changed": b"newer"}


def test_one_file_is_an_object_and_one_object_a_file(runctl: Runctl, folder: Path, bucket: Bucket) -> None:
    write(folder, {"model.pt": b"weights"})
    assert runctl("s3", "upload", "model.pt", bucket.uri("models/")).returncode == 0
    assert runctl("s3", "upload", "model.pt", bucket.uri("best.pt")).returncode == 0
    assert bucket.listed() == ["best.pt", "models/model.pt"]
    (folder / "model.pt").unlink()
    assert runctl("s3", "download", bucket.uri("models/model.pt")).returncode == 0
    assert (folder / "model.pt").read_bytes() == b"weights"


def test_more_than_a_thousand_objects_are_all_seen_and_all_deleted(
    runctl: Runctl, folder: Path, bucket: Bucket
) -> None:
    contents = {f"{number % 7}/{number:04d}": b"%d" % number if number % 10 else b"" for number in range(1100)}
    write(folder / "data", contents)
    assert document(runctl, "upload", "data", bucket.uri("many"))["verified"] == {"crc32": 1100}
    assert len(document(runctl, "list", bucket.uri("many/"), "--recursive")["objects"]) == 1100
    assert document(runctl, "list", bucket.uri("many/"))["prefixes"] == [f"many/{number}/" for number in range(7)]
    assert document(runctl, "download", bucket.uri("many"), "back")["copied_bytes"] == sum(map(len, contents.values()))
    assert files_in(folder / "back") == contents

    for name in list(contents)[:1050]:
        (folder / "data" / name).unlink()
    synced = document(runctl, "sync", "data", bucket.uri("many"), "--delete", "--yes")
    assert (len(synced["deleted"]), synced["unchanged"]) == (1050, 50)
    assert len(bucket.listed()) == 50


def test_odd_names_go_up_are_listed_and_come_back(runctl: Runctl, folder: Path, bucket: Bucket) -> None:
    contents = {name: name.encode() for name in ODD_NAMES}
    write(folder / "data", contents)
    assert runctl("s3", "upload", "data", bucket.uri("o d/d")).returncode == 0
    assert bucket.contents() == {f"o d/d/{name}": content for name, content in contents.items()}
    listed = document(runctl, "list", bucket.uri("o d/"), "--recursive")
    assert sorted(found["key"] for found in listed["objects"]) == sorted(f"o d/d/{name}" for name in ODD_NAMES)
    lines = runctl("s3", "list", bucket.uri("o d/d/")).stdout.splitlines()
    assert any(line.endswith("o d/d/new\\nline") for line in lines)
    assert runctl("s3", "download", bucket.uri("o d/d"), "back").returncode == 0
    assert files_in(folder / "back") == contents


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("data/../x", "'data/../x': it has .. in it"),
        ("data/a//b", "'data/a//b': it has an empty name in it"),
        ("data/ok/below", "'data/ok': it is a file and a folder at once"),
    ],
)
def test_keys_that_can_be_no_files_are_named_and_nothing_is_written(
    runctl: Runctl, folder: Path, bucket: Bucket, key: str, said: str
) -> None:
    bucket.put({"data/ok": b"ok", key: b"x"})
    done = runctl("s3", "download", bucket.uri("data"), "back")
    assert (done.returncode, done.stdout) == (3, "")
    assert said in done.stderr
    assert list(folder.iterdir()) == []
    # what it is called is no matter where nothing is written
    assert document(runctl, "list", bucket.uri("data/"), "--recursive")["objects"][-1]["key"] == max(key, "data/ok")


def test_a_file_that_cannot_be_uploaded_is_named_on_one_line(
    runctl: Runctl, folder: Path, bucket: Bucket, fault: object
) -> None:
    write(folder / "data", {"a\nb": b"x", "c": b"x"})
    fault("deny", "action=PutObject", times=1)  # type: ignore[operator]
    done = runctl("s3", "upload", "data/a\nb", bucket.uri("data/"))
    assert done.returncode == 5
    assert "PutObject s3://commands/data/a\\nb: AccessDenied" in done.stderr.splitlines()[0]


def test_a_key_that_ends_in_a_slash_is_a_folder(runctl: Runctl, folder: Path, bucket: Bucket) -> None:
    bucket.put({"data/": b"", "data/folder/": b"", "data/file": b"x"})
    assert runctl("s3", "download", bucket.uri("data"), "back").returncode == 0
    assert (folder / "back/folder").is_dir()
    assert files_in(folder / "back") == {"file": b"x"}


@pytest.mark.parametrize("command", ["download", "sync", "list"])
def test_a_prefix_that_matches_nothing_is_refused_and_what_there_is_is_named(
    runctl: Runctl, folder: Path, bucket: Bucket, command: str
) -> None:
    bucket.put({"datasets/train/a": b"a"})
    target = [] if command == "list" else ["back"]
    done = runctl("s3", command, bucket.uri("dataset"), *target)
    if command == "list":
        # as `ls` completes names: what begins with it
        assert "datasets/" in done.stdout
        done = runctl("s3", "list", bucket.uri("dataset/"))
    assert (done.returncode, done.stdout) == (4, "")
    assert "there is nothing at s3://commands/dataset" in done.stderr
    assert "s3://commands/datasets/" in done.stderr
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    ("action", "words", "permission"),
    [
        ("ListObjectsV2", ["download", "s3://commands/data", "back"], "s3:ListBucket on arn:aws:s3:::commands"),
        ("GetObject", ["download", "s3://commands/data", "back"], "s3:GetObject on arn:aws:s3:::commands/data/there"),
        ("PutObject", ["upload", "data", "s3://commands/up"], "s3:PutObject on arn:aws:s3:::commands/up/small"),
        (
            "CreateMultipartUpload",
            ["upload", "data", "s3://commands/up"],
            "s3:PutObject on arn:aws:s3:::commands/up/large",
        ),
        ("UploadPart", ["upload", "data", "s3://commands/up"], "s3:PutObject on arn:aws:s3:::commands/up/large"),
        (
            "DeleteObjects",
            ["sync", "data", "s3://commands/data", "--delete", "--yes"],
            "s3:DeleteObject on arn:aws:s3:::commands/",
        ),
        ("ListObjectsV2", ["list", "s3://commands/data/"], "s3:ListBucket on arn:aws:s3:::commands"),
    ],
)
def test_a_missing_permission_is_named(
    runctl: Runctl, folder: Path, bucket: Bucket, fault: object, action: str, words: list[str], permission: str
) -> None:
    bucket.put({"data/there": b"x"})
    write(folder / "data", {"small": b"x", "large": LARGE})
    fault("deny", f"action={action}")  # type: ignore[operator]
    done = runctl("s3", *words)
    assert (done.returncode, done.stdout) == (5, "")
    assert f"it takes the permission {permission}" in done.stderr
    # what was begun does not go on costing money
    assert bucket.uploads() == []


def test_there_is_no_such_bucket(runctl: Runctl, folder: Path, account: Sandbox) -> None:
    write(folder / "data", {"a": b"a"})
    for words in (["download", "s3://no-such-bucket/data"], ["upload", "data", "s3://no-such-bucket/data"]):
        done = runctl("s3", *words)
        assert (done.returncode, done.stdout) == (4, "")
        assert "NoSuchBucket (404)" in done.stderr
    assert runctl("s3", "list", "s3://no-such-bucket").returncode == 4
    assert runctl("s3", "list", "https://no-such-bucket").returncode == 2


def test_credentials_that_have_expired_are_said_to(
    runctl: Runctl, bucket: Bucket, fault: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    fault("expired-credentials", "service=s3")  # type: ignore[operator]
    done = runctl("s3", "list", bucket.uri())
    assert done.returncode == 5
    assert "ExpiredToken" in done.stderr and "get new credentials" in done.stderr


def test_keys_that_are_wrong_or_missing_are_said_to_be(
    runctl: Runctl, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    done = runctl("s3", "list", bucket.uri())
    assert done.returncode == 5
    assert "the secret key doesn't belong to the access key" in done.stderr
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    done = runctl("s3", "list", bucket.uri())
    assert done.returncode == 5
    assert "credentials" in done.stderr


def test_what_the_source_lacks_is_deleted_after_a_question(runctl: Runctl, folder: Path, bucket: Bucket) -> None:
    write(folder / "data", {"kept": b"kept", "more": b"more"})
    bucket.put({"data/kept": b"kept", "data/gone": b"gone", "data-2/other": b"other"})
    sync = ["s3", "sync", "data", bucket.uri("data"), "--delete"]
    before = bucket.contents()

    done = runctl(*sync)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Delete 1 file (4 B) from s3://commands/data" in done.stderr and "--yes" in done.stderr
    assert runctl(*sync, "--dry-run").stdout.splitlines()[:2] == ["copy    more  4 B", "delete  gone  4 B"]
    assert on_terminal(*sync, typed="n\n")[0] == 3
    assert bucket.contents() == before

    code, shown = on_terminal(*sync, typed="y\n")
    assert code == 0, shown
    assert bucket.listed() == ["data-2/other", "data/kept", "data/more"]
    write(folder / "data", {"local": b"only here"})
    synced = document(runctl, "sync", bucket.uri("data"), "data", "--delete", "--yes")
    assert synced["deleted"] == [{"name": "local", "size_bytes": 9}]
    assert sorted(files_in(folder / "data")) == ["kept", "more"]


def test_a_terminal_shows_how_far_it_is_and_keeps_no_half_line(folder: Path, bucket: Bucket) -> None:
    write(folder / "data", {"large": LARGE})
    code, shown = on_terminal("s3", "upload", "data", bucket.uri("data"))
    assert code == 0
    assert "uploaded 0 of 1 file, " in shown and " of 40.0 MiB" in shown
    assert shown.rpartition("\x1b[K")[2] == "1 file copied (40.0 MiB), 0 unchanged, verified: 1 by CRC32\r\n"
    code, shown = on_terminal("s3", "download", bucket.uri("data"), "back", "-q")
    assert (code, shown) == (0, "large\r\n")


def test_a_profile_of_the_users_signs(
    runctl: Runctl, bucket: Bucket, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bucket.put({"a": b"a"})
    keys = {name: os.environ[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
    for name in keys:
        monkeypatch.delenv(name)
    lines = ["[other]", *(f"{name.lower()} = {value}" for name, value in keys.items())]
    (folder / "credentials").write_text("\n".join(lines))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(folder / "credentials"))
    assert [found["key"] for found in document(runctl, "list", bucket.uri(), "--profile", "other")["objects"]] == ["a"]
    done = runctl("s3", "list", bucket.uri(), "--profile", "no-such")
    assert (done.returncode, done.stdout) == (5, "")
    assert "no-such" in done.stderr

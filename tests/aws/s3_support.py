"""What the tests of `runctl s3 …` share: a bucket, a terminal, and what was asked of S3."""

from __future__ import annotations

import json
import os
import pty
import subprocess
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from aws_calls import REGISTRY, SCHEMAS
from jsonschema import Draft202012Validator

from account import Sandbox
from running import RUNCTL

Runctl = Callable[..., "subprocess.CompletedProcess[str]"]


class Bucket:
    """A bucket as boto3 sees it."""

    def __init__(self, account: Sandbox, name: str) -> None:
        self.name = name
        self.client = account.client("s3")

    def uri(self, key: str = "") -> str:
        return f"s3://{self.name}/{key}"

    def put(self, contents: Mapping[str, bytes]) -> None:
        for key, content in contents.items():
            self.client.put_object(Bucket=self.name, Key=key, Body=content)

    def listed(self, prefix: str = "") -> list[str]:
        pages = self.client.get_paginator("list_objects_v2").paginate(Bucket=self.name, Prefix=prefix)
        return [found["Key"] for page in pages for found in page.get("Contents", [])]

    def contents(self, prefix: str = "") -> dict[str, bytes]:
        return {key: self.client.get_object(Bucket=self.name, Key=key)["Body"].read() for key in self.listed(prefix)}

    def uploads(self) -> list[Any]:
        found: list[Any] = self.client.list_multipart_uploads(Bucket=self.name).get("Uploads", [])
        return found


@contextmanager
def bucket_of(account: Sandbox, name: str) -> Iterator[Bucket]:
    """A bucket, empty at first and gone at last."""
    bucket = Bucket(account, name)
    bucket.client.create_bucket(Bucket=name)
    try:
        yield bucket
    finally:
        account("fault", "clear")
        for key in bucket.listed():
            bucket.client.delete_object(Bucket=name, Key=key)
        for upload in bucket.uploads():
            bucket.client.abort_multipart_upload(Bucket=name, Key=upload["Key"], UploadId=upload["UploadId"])
        bucket.client.delete_bucket(Bucket=name)


def files_in(folder: Path) -> dict[str, bytes]:
    """The files below a folder, by their relative paths."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def write(folder: Path, contents: Mapping[str, bytes]) -> Path:
    """Files below a folder, which is made."""
    for name, content in contents.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def document(runctl: Runctl, command: str, *words: str) -> Any:
    """What `runctl s3 COMMAND WORDS… --json` answers, held to the command's schema."""
    done = runctl("s3", command, *words, "--json")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    Draft202012Validator(SCHEMAS[f"s3-{command}.json"], registry=REGISTRY).validate(found)
    return found


def requests(account: Sandbox, action: str) -> list[str]:
    """The lines of the sandbox's log about one action of S3."""
    lines: list[str] = account("logs", "--tail", "1000000")["lines"]
    return [line for line in lines if f" s3:{action} " in line]


def on_terminal(*words: str, typed: str = "") -> tuple[int, str]:
    """How `runctl WORDS…` ends on a terminal where something is typed, and all that the terminal showed."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen([*RUNCTL, *words], stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    os.write(ours, typed.encode())
    shown = b""
    try:
        while piece := os.read(ours, 65536):
            shown += piece
    except OSError:
        pass  # how Linux says that the other end is closed
    os.close(ours)
    return process.wait(), shown.decode()

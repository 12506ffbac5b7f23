"""Whatever a server or the way to it does, a request comes right or ends in the right error."""

from __future__ import annotations

import random
import socket
import threading
import time
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hostile_s3 import (
    Handler,
    HostileS3,
    corrupt,
    done_but_reset,
    error,
    hang,
    hang_half_way,
    hostile_s3,
    nonsense,
    reset,
    right,
    short,
    trickle,
    within,
)

from runctl.agent.s3.bodies import FileChanged, Slice
from runctl.agent.s3.client import S3
from runctl.agent.s3.credentials import Credentials
from runctl.agent.s3.errors import (
    AccessDenied,
    Changed,
    NoSuchBucket,
    NoSuchKey,
    NoSuchUpload,
    S3Error,
    Stopped,
    Unreachable,
    WrongChecksum,
)
from runctl.agent.s3.waiting import Patience

pytestmark = pytest.mark.slow

_HASTY = Patience(first_pause_s=0.002, longest_pause_s=0.01, connect_s=2, silence_s=0.6, continue_s=0.3)
_BIG = random.Random(1).randbytes(900_000)


@pytest.fixture
def server() -> Iterator[HostileS3]:
    with hostile_s3() as server:
        yield server


@pytest.fixture
def s3(server: HostileS3) -> Iterator[S3]:
    client = _client(server)
    yield client
    client.close()


def _client(server: HostileS3, patience: Patience = _HASTY) -> S3:
    return S3(
        lambda: Credentials("AKIDEXAMPLE", "secret-key", "secret-token"), "us-east-1", server.url, patience=patience
    )


def _got(s3: S3, key: str, start: int = 0, end: int | None = None) -> bytes:
    data = bytearray()
    s3.get("bucket", key, start, end, data.extend)
    return bytes(data)


@pytest.mark.parametrize(
    "misdeed",
    [
        error(500, "InternalError"),
        error(503, "SlowDown"),
        error(400, "RequestTimeout"),
        error(429, ""),
        reset,
        short,
        hang,
        hang_half_way,
        nonsense,
    ],
)
def test_what_passes_is_tried_again(server: HostileS3, s3: S3, misdeed: object) -> None:
    server.objects["key"] = _BIG
    server.next(misdeed, misdeed)  # type: ignore[arg-type]

    assert _got(s3, "key") == _BIG
    assert len(server.requests) == 3


def test_a_body_that_trickles_is_not_waited_for(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = _BIG
    server.next(trickle)

    assert _got(s3, "key") == _BIG


def test_each_byte_comes_once_however_often_the_body_is_cut(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = _BIG
    server.next(*[lambda handler: short(handler, 0.2)] * 12)

    assert _got(s3, "key") == _BIG
    assert server.requests[1].headers["range"].startswith("bytes=1")
    assert server.requests[1].headers["if-match"] == f'"{zlib.crc32(_BIG):08x}"'


def test_the_checksum_of_a_whole_object_is_told_and_that_of_its_parts_is_not(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = _BIG
    server.next(right, right, lambda handler: handler.answer(200, x_amz_checksum_crc32="AAAAAA==-2") is None)

    assert s3.head("bucket", "key").crc32 == zlib.crc32(_BIG)
    assert s3.get("bucket", "key", 0, None, lambda _data: None).crc32 == zlib.crc32(_BIG)
    assert s3.head("bucket", "key").crc32 is None


def test_an_object_that_changes_between_two_attempts_is_not_mixed(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = _BIG

    def cut_and_change(handler: Handler) -> bool:
        short(handler)
        server.objects["key"] = _BIG[::-1]
        return True

    server.next(cut_and_change)

    with pytest.raises(Changed, match="GetObject s3://bucket/key: PreconditionFailed"):
        _got(s3, "key")


def test_an_object_that_is_not_the_expected_one_is_not_fetched(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = _BIG

    with pytest.raises(Changed):
        s3.get("bucket", "key", 0, None, lambda _data: None, etag="another")


@pytest.mark.parametrize(("start", "end"), [(0, 10), (5, 400_000), (899_999, 900_000)])
def test_a_range_is_what_was_asked_for(server: HostileS3, s3: S3, start: int, end: int) -> None:
    server.objects["key"] = _BIG
    server.next(short)

    assert _got(s3, "key", start, end) == _BIG[start:end]


@pytest.mark.parametrize("place", ["bytes 7-16/900000", "", "bytes 0-9/900000"])
def test_a_wrong_range_is_not_taken_for_the_right_one(server: HostileS3, s3: S3, place: str) -> None:
    server.next(lambda handler: handler.answer(206, b"0123456789", Content_Range=place) is None)

    with pytest.raises(S3Error, match="not the part that was asked for"):
        _got(s3, "key", 5, 15)


def test_a_small_object_with_a_wrong_checksum_is_read_again(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = b"contents"
    server.next(corrupt)

    assert s3.read("bucket", "key") == b"contents"
    assert len(server.requests) == 2


def test_one_that_stays_wrong_is_an_error(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = b"contents"
    server.misdeeds.append(corrupt)

    with pytest.raises(WrongChecksum, match=r"GetObject s3://bucket/key: .* \(after 8 attempts"):
        s3.read("bucket", "key")


def test_bytes_that_change_on_the_way_up_are_sent_again(server: HostileS3, s3: S3) -> None:
    def garble(handler: Handler) -> bool:
        handler.body = handler.body[:-1] + b"?"
        return right(handler)

    server.next(garble)

    s3.put("bucket", "key", b"contents")

    assert server.objects["key"] == b"contents"
    assert len(server.requests) == 2


def test_a_server_that_keeps_other_bytes_is_found_out(server: HostileS3, s3: S3) -> None:
    server.misdeeds.append(lambda handler: handler.answer(200, ETag='"x"', x_amz_checksum_crc32="AAAAAA==") is None)

    with pytest.raises(WrongChecksum):
        s3.put("bucket", "key", b"contents")


def test_a_third_of_all_requests_may_fail(server: HostileS3, s3: S3) -> None:
    dice = random.Random(7)
    bad = [error(500, "InternalError"), error(503, "SlowDown"), reset, short]
    lock = threading.Lock()

    def sometimes(handler: Handler) -> bool:
        with lock:
            misdeed = dice.choice(bad) if dice.random() < 0.3 else right
        return misdeed(handler)

    server.misdeeds.append(sometimes)
    contents = {f"key{number}": dice.randbytes(dice.randrange(40_000)) for number in range(150)}
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda key: s3.put("bucket", key, contents[key]), contents))
        came = dict(zip(contents, pool.map(lambda key: _got(s3, key), contents), strict=True))

    assert server.objects == contents
    assert came == contents
    assert {found.key for found in s3.list("bucket", "")} == set(contents)


def test_after_twelve_attempts_the_servers_own_error_is_told(server: HostileS3, s3: S3) -> None:
    server.misdeeds.append(error(503, "SlowDown"))

    with pytest.raises(S3Error, match=r"HeadObject s3://bucket/key: .*503.*after 12 attempts"):
        s3.head("bucket", "key")
    assert len(server.requests) == 12


def test_a_server_that_isnt_there_is_an_error_with_a_hint() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{free.getsockname()[1]}"
        client = S3(lambda: Credentials("a", "b"), None, address, patience=_HASTY)

        with pytest.raises(Unreachable, match="Connection refused") as raised:
            client.read("bucket", "key")
    assert "endpoint" in raised.value.hint


def test_a_kept_connection_that_was_closed_costs_no_attempt(server: HostileS3) -> None:
    server.objects["key"] = b"contents"
    client = _client(server, _HASTY._replace(attempts=1))

    def last(handler: Handler) -> bool:
        handler.rightly()
        handler.close_connection = True
        return True

    server.next(last)

    assert client.read("bucket", "key") == b"contents"
    assert client.read("bucket", "key") == b"contents"


def test_connections_are_kept(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = b"contents"
    for _ in range(20):
        s3.read("bucket", "key")

    assert server.connections == 1


@pytest.mark.parametrize("misdeed", [hang, hang_half_way, error(503, "SlowDown"), reset])
def test_a_stop_ends_a_request_within_a_second(server: HostileS3, misdeed: object) -> None:
    server.objects["key"] = _BIG
    server.misdeeds.append(misdeed)  # type: ignore[arg-type]
    stop = threading.Event()
    client = _client(server, Patience(first_pause_s=60, longest_pause_s=60)).until(stop.is_set)
    ended: list[BaseException] = []

    def fetch() -> None:
        try:
            _got(client, "key")
        except Stopped as exc:
            ended.append(exc)

    thread = threading.Thread(target=fetch)
    thread.start()
    assert within(5, lambda: bool(server.requests))
    stop.set()
    thread.join(5)

    assert ended


def test_a_stop_ends_a_connection_that_never_comes_about() -> None:
    with socket.socket() as full:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        fillers = [socket.socket() for _ in range(4)]
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(full.getsockname())
        until = time.monotonic() + 0.3
        address = f"http://127.0.0.1:{full.getsockname()[1]}"
        client = S3(lambda: Credentials("a", "b"), None, address, stopped=lambda: time.monotonic() > until)

        with pytest.raises(Stopped):
            client.read("bucket", "key")
        for filler in fillers:
            filler.close()


def test_a_late_error_of_a_completion_is_seen(server: HostileS3, s3: S3) -> None:
    upload = s3.create_multipart("bucket", "key")
    first = (1, s3.put_part("bucket", "key", upload, 1, b"one"), zlib.crc32(b"one"))
    server.next(error(200, "InternalError"))

    s3.complete("bucket", "key", upload, [first], zlib.crc32(b"one"))

    assert server.objects["key"] == b"one"


def test_a_late_error_that_stays_is_raised(server: HostileS3, s3: S3) -> None:
    upload = s3.create_multipart("bucket", "key")
    server.next(error(200, "InvalidPart"))

    with pytest.raises(S3Error, match="CompleteMultipartUpload s3://bucket/key: InvalidPart"):
        s3.complete("bucket", "key", upload, [(1, "x", None)], 0)


def test_a_completion_whose_answer_was_lost_counts_as_done(server: HostileS3, s3: S3) -> None:
    upload = s3.create_multipart("bucket", "key")
    first = (1, s3.put_part("bucket", "key", upload, 1, b"one"), zlib.crc32(b"one"))
    server.next(done_but_reset)

    assert s3.complete("bucket", "key", upload, [first], zlib.crc32(b"one")) == f"{zlib.crc32(b'one'):08x}"


def test_a_lost_completion_is_not_done_where_another_object_is_there_now(server: HostileS3, s3: S3) -> None:
    upload = s3.create_multipart("bucket", "key")
    first = (1, s3.put_part("bucket", "key", upload, 1, b"one"), zlib.crc32(b"one"))

    def overwritten(handler: Handler) -> bool:
        done_but_reset(handler)
        server.objects["key"] = b"two"
        return True

    server.next(overwritten)

    with pytest.raises(NoSuchUpload):
        s3.complete("bucket", "key", upload, [first], zlib.crc32(b"one"))


def test_a_completion_of_an_upload_that_is_gone_is_an_error(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = b"one"

    with pytest.raises(NoSuchUpload):
        s3.complete("bucket", "key", "gone", [(1, "x", None)], zlib.crc32(b"one"))


def test_a_body_that_is_not_wanted_is_not_sent(server: HostileS3, s3: S3) -> None:
    server.refuses_bodies = True

    with pytest.raises(AccessDenied, match="PutObject s3://bucket/key: AccessDenied"):
        s3.put("bucket", "key", bytes(3_000_000))
    assert within(5, lambda: server.unwanted == [0])


def test_a_part_of_a_file_is_read_anew_for_each_attempt(server: HostileS3, s3: S3, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(_BIG)
    server.next(error(500, "InternalError"), reset)

    s3.put("bucket", "key", Slice(str(path), 100_000, 700_000))

    assert server.objects["key"] == _BIG[100_000:800_000]


def test_a_file_that_became_shorter_is_the_files_error(s3: S3, tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"short")

    with pytest.raises(FileChanged):
        s3.put("bucket", "key", Slice(str(path), 0, 10), crc32=0)


def test_a_full_disk_is_not_taken_for_the_network(server: HostileS3, s3: S3) -> None:
    server.objects["key"] = _BIG

    def full(_data: memoryview) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left"):
        s3.get("bucket", "key", 0, None, full)
    assert len(server.requests) == 1


@pytest.mark.parametrize(
    ("misdeed", "kind", "words", "hint"),
    [
        (error(403, "AccessDenied"), AccessDenied, "AccessDenied (403): so", "s3:GetObject on arn:aws:s3:::bucket/key"),
        (error(404, "NoSuchKey"), NoSuchKey, "NoSuchKey (404)", ""),
        (error(404, "NoSuchBucket"), NoSuchBucket, "NoSuchBucket (404)", "bucket"),
        (error(403, "InvalidAccessKeyId"), AccessDenied, "InvalidAccessKeyId (403)", "access key"),
        (error(403, "SignatureDoesNotMatch"), AccessDenied, "SignatureDoesNotMatch", "secret key"),
        (error(400, "Odd\x1b[31m"), S3Error, "", ""),
    ],
)  # fmt: skip
def test_a_refusal_says_what_where_and_which_permission(
    server: HostileS3, s3: S3, misdeed: object, kind: type[S3Error], words: str, hint: str
) -> None:
    server.misdeeds.append(misdeed)  # type: ignore[arg-type]

    with pytest.raises(kind) as raised:
        _got(s3, "key")

    assert str(raised.value).startswith("GetObject s3://bucket/key: ")
    told = f"{raised.value} {raised.value.hint}"
    assert words in str(raised.value)
    assert hint in raised.value.hint
    assert "secret-" not in told
    assert "\x1b" not in told
    assert len(server.requests) == 1


@pytest.mark.parametrize(("key", "words"), [("", "is empty"), ("a\udcff", "can't be written in UTF-8")])
def test_what_is_no_key_is_never_sent(server: HostileS3, s3: S3, key: str, words: str) -> None:
    for action in (lambda: s3.put("bucket", key, b"x"), lambda: s3.read("bucket", key), lambda: s3.head("bucket", key)):
        with pytest.raises(S3Error, match=words):
            action()
    assert not server.requests


def test_no_list_permission_is_named_on_the_bucket(server: HostileS3, s3: S3) -> None:
    server.misdeeds.append(error(403, "AccessDenied"))

    with pytest.raises(AccessDenied) as raised:
        list(s3.list("bucket", "data/"))

    assert raised.value.hint.endswith("s3:ListBucket on arn:aws:s3:::bucket")


@pytest.mark.parametrize(
    "body",
    [
        b"<ListBucketResult",
        b"<html>hello</html>",
        b"<!DOCTYPE x [<!ENTITY e 'e'>]><ListBucketResult>&e;</ListBucketResult>",
        b"<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>",
        b"<ListBucketResult><Contents><Key>k</Key></Contents></ListBucketResult>",
        b"\xff\xfe<",
    ],
)
def test_an_answer_that_is_no_listing_is_an_error(server: HostileS3, s3: S3, body: bytes) -> None:
    server.misdeeds.append(lambda handler: handler.answer(200, body) is None)

    with pytest.raises(S3Error, match="ListObjectsV2 s3://bucket/: the answer is not one of S3"):
        list(s3.list("bucket", ""))

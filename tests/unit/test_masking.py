"""Secrets are hidden in a stream of bytes, wherever it is cut."""

from __future__ import annotations

from hypothesis import example, given
from hypothesis import strategies as st

from runctl.agent.masking import MASK, Masker

LETTERS = st.sampled_from("abc")
SECRETS = st.lists(st.text(LETTERS, max_size=6), max_size=4)
STREAM = st.lists(st.text(LETTERS, max_size=8).map(str.encode) | st.binary(max_size=4), max_size=12)


def masked(secrets: list[str], chunks: list[bytes]) -> bytes:
    masker = Masker(secrets)
    return b"".join([*map(masker.feed, chunks), masker.finish()])


@given(SECRETS, STREAM)
@example(["abc", "cba"], [b"abcb", b"a"])
@example(["ab", "abc"], [b"ab", b"c"])
@example(["aab"], [b"aa", b"a", b"b"])
def test_any_chunking_is_masked_as_the_whole_is(secrets: list[str], chunks: list[bytes]) -> None:
    assert masked(secrets, chunks) == masked(secrets, [b"".join(chunks)])


@given(SECRETS, STREAM)
def test_no_secret_is_left_and_nothing_else_is_lost(secrets: list[str], chunks: list[bytes]) -> None:
    shown = masked(secrets, chunks)
    for part in shown.split(MASK):
        assert not any(secret.encode() in part for secret in secrets if secret)
    if not any(secret.encode() in b"".join(chunks) for secret in secrets if secret):
        assert shown == b"".join(chunks)


@given(STREAM)
def test_with_no_secrets_every_byte_passes_at_once(chunks: list[bytes]) -> None:
    masker = Masker([])
    assert [masker.feed(chunk) for chunk in chunks] == chunks
    assert masker.finish() == b""


def test_what_may_begin_a_secret_is_held_until_more_is_known() -> None:
    masker = Masker(["hunter2"])
    assert masker.feed(b"pass hun") == b"pass "
    assert masker.feed(b"gry") == b"hungry"
    assert masker.feed(b"hunter") == b""
    assert masker.feed(b"2!") == b"***!"
    assert masker.feed(b"hunter") == b""
    assert masker.finish() == b"hunter"


def test_an_ordinary_line_is_not_held_back() -> None:
    assert Masker(["hunter2"]).feed(b"epoch 1\n") == b"epoch 1\n"


def test_a_secret_that_begins_with_another_is_hidden_whole() -> None:
    assert masked(["tok", "token-long"], [b"a token-", b"long b tok c"]) == b"a *** b *** c"


def test_an_empty_secret_hides_nothing() -> None:
    assert masked([""], [b"abc"]) == b"abc"
    assert masked(["", "b"], [b"abc"]) == b"a***c"


def test_a_secret_over_two_lines_and_one_outside_ascii_are_hidden() -> None:
    assert masked(["one\ntwo", "пароль"], [b"x one\n", b"two y ", "пар".encode(), "оль z".encode()]) == b"x *** y *** z"


def test_a_secret_of_regular_expression_characters_is_taken_literally() -> None:
    assert masked([".*"], [b"all of this .* stays"]) == b"all of this *** stays"


def test_texts_of_events_are_masked_whole() -> None:
    assert Masker(["s3"]).text("key s3 in a reason") == "key *** in a reason"
    # what came undecodable from the system goes back as it came
    assert Masker(["s3"]).text("\udcff s3") == "\udcff ***"

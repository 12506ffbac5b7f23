"""`--hyperparams`: what is written is what is read, to the character."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runctl.core.errors import NotFoundError, UsageError
from runctl.project.hyperparams import Given, read_hyperparams

ARGUMENT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
KEY = ARGUMENT.filter(lambda text: "=" not in text and text == text.strip() and text[:1] != "@").filter(
    lambda text: text and not set(text) & set(",'\"()[]{}")
)


def texts(*items: str) -> dict[str, str | None]:
    return {key: value.text for key, value in read_hyperparams(items).items()}


@pytest.mark.parametrize(
    "value",
    ["50", "1e-4", "007", "", "-3", "a=b", "==", "ü→日本", " a b ", ":)", "a]b", "C:\\data\\", "{}", "--x", "@f"],
)
def test_a_value_keeps_exactly_the_characters_written(value: str) -> None:
    assert texts(f"a={value},b={value}") == {"a": value, "b": value}
    assert texts(f"a={value}") == {"a": value}


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("epochs=50,lr=0.001,batch_size=32", {"epochs": "50", "lr": "0.001", "batch_size": "32"}),
        (' epochs =50,  lr=1,"batch size"=3', {"epochs": "50", "lr": "1", '"batch size"': "3"}),
        ('name="a,b",x=1', {"name": "a,b", "x": "1"}),
        ("name='a,b'", {"name": "a,b"}),
        ("name='it''s, \"really\"'", {"name": 'it\'s, "really"'}),
        ('a="",b=x', {"a": "", "b": "x"}),
        ('a="x"y', {"a": '"x"y'}),
        ('a=x"y,z"', {"a": 'x"y,z"'}),
        ('a="x" "y"', {"a": '"x" "y"'}),
        (
            'a={"k": [1, 2], "t": "x]"},b=(0.9, 0.999),c=f(1,2)',
            {"a": '{"k": [1, 2], "t": "x]"}', "b": "(0.9, 0.999)", "c": "f(1,2)"},
        ),
        ("a=1,a=1", {"a": "1"}),
    ],
)
def test_commas_in_quotes_and_brackets_belong_to_the_value(item: str, expected: dict[str, str]) -> None:
    assert texts(item) == expected


@pytest.mark.parametrize(
    ("written", "items"),
    [
        ("[1,2,3]", ("1", "2", "3")),
        ("[ 1 , -2,]", ("1", "-2")),
        ("[]", ()),
        ("['a,b',\"\", x y]", ("a,b", "", "x y")),
        ("[[1,2],{'a': 1,'b': 2}]", ("[1,2]", "{'a': 1,'b': 2}")),
        ('"[1,2]"', None),
        ("[1]+[2]", None),
        ("(1,2)", None),
    ],
)
def test_a_list_keeps_its_text_and_has_items(written: str, items: tuple[str, ...] | None) -> None:
    assert read_hyperparams([f"sizes={written}"]) == {"sizes": Given(written.strip('"'), items)}


@pytest.mark.parametrize(
    ("item", "place", "what", "hint"),
    [
        ("epochs=50,lr", 11, '"lr" has no "="', "lr=VALUE"),
        ("epochs=50,=3", 11, "no key", "key=value"),
        ("epochs=50,", 11, "nothing between two commas, or at an end", "key=value"),
        ("", 1, "nothing", "key=value"),
        ("a=1,x='b", 7, "quote ' is not closed", "close it"),
        ("x=don't", 6, "quote ' is not closed", "quotes"),
        ("a=1,x=[1,(2,3]", 7, "bracket [ is not closed", "close it"),
        ("a=(0,1]", 3, "bracket ( is not closed", "quotes"),
        ("x=['a]", 4, "quote ' is not closed", "close it"),
        ("a=1,b=2,a=3", 9, '"a" is there twice', "once"),
        ('a= "b,c"', 3, "space before or after the quotes", '"b,c"'),
        ("a=\0", 3, "no program", "NUL"),
    ],
)
def test_what_the_syntax_does_not_allow_is_said_with_its_place(item: str, place: int, what: str, hint: str) -> None:
    with pytest.raises(UsageError) as error:
        read_hyperparams([item])
    assert f"character {place}: " in error.value.message
    assert what in error.value.message
    assert hint in str(error.value.hint)


@given(st.dictionaries(KEY, ARGUMENT, min_size=1), st.sampled_from("'\""))
def test_any_texts_in_quotes_read_back_the_same(values: dict[str, str], quote: str) -> None:
    written = ",".join(f"{key}={quote}{value.replace(quote, quote * 2)}{quote}" for key, value in values.items())
    assert texts(written) == values


@given(st.lists(ARGUMENT))
def test_any_texts_in_a_list_read_back_the_same(items: list[str]) -> None:
    written = ", ".join('"' + item.replace('"', '""') + '"' for item in items)
    assert read_hyperparams([f"a=[{written}]"])["a"].items == tuple(items)


@given(ARGUMENT)
def test_whatever_is_written_is_read_or_refused(item: str) -> None:
    try:
        found = texts("a=" + item)
    except UsageError:
        return
    assert set(found["a"] or "") <= set(item)


def test_a_later_item_wins_over_a_file(folder: Path) -> None:
    (folder / "base.yaml").write_text("lr: 1e-4\nepochs: 007\n")
    assert texts("@base.yaml", "lr=0.1") == {"lr": "0.1", "epochs": "007"}
    assert texts("lr=0.1", "@base.yaml") == {"lr": "1e-4", "epochs": "007"}


def test_a_file_in_the_home_folder_is_found(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(folder))
    (folder / "a.json").write_text('{"lr": 1}')
    assert texts("@~/a.json") == {"lr": "1"}


YAML = """\
lr: 1e-4
octal: 007
time: 1:30
date: 2026-01-02
amp: True
off: off
none:
tilde: ~
quoted: "true"
text: a, b = c
block: |
  two
  lines
optimizer:
  name: adam
  betas: [0.9, 0.999]
  nothing: {}
layers:
  - 64
  - [1, 'x']
  - {a: 1_0, b: null}
"""


def test_scalars_of_yaml_keep_their_text(folder: Path) -> None:
    (folder / "a.yml").write_text("\ufeff" + YAML)
    assert read_hyperparams(["@a.yml"]) == {
        "lr": Given("1e-4"),
        "octal": Given("007"),
        "time": Given("1:30"),
        "date": Given("2026-01-02"),
        "amp": Given("true"),
        "off": Given("off"),
        "none": Given(None),
        "tilde": Given(None),
        "quoted": Given("true"),
        "text": Given("a, b = c"),
        "block": Given("two\nlines\n"),
        "optimizer.name": Given("adam"),
        "optimizer.betas": Given("[0.9, 0.999]", ("0.9", "0.999")),
        "optimizer.nothing": Given("{}"),
        "layers": Given('[64, [1, "x"], {"a": "1_0", "b": null}]', ("64", '[1, "x"]', '{"a": "1_0", "b": null}')),
    }


def test_yaml_anchors_and_merges_are_followed(folder: Path) -> None:
    (folder / "a.yaml").write_text("base: &b {lr: 1, wd: 2}\nx:\n  <<: *b\n  lr: 3\ny: {<<: [{lr: 5}, *b]}\n")
    assert texts("@a.yaml") == {"base.lr": "1", "base.wd": "2", "x.lr": "3", "x.wd": "2", "y.lr": "5", "y.wd": "2"}


def test_scalars_of_json_and_toml_keep_their_text(folder: Path) -> None:
    (folder / "a.json").write_text('{"lr": 1e-04, "n": 10, "m": {"x": NaN, "on": true, "s": "é", "l": [1.0, null]}}')
    (folder / "a.toml").write_text('t = "1"\n[opt]\nlr = 1e-04\non = false\nday = 2026-01-02\nl = [1.50, "a"]\n')
    assert read_hyperparams(["@a.json", "@a.toml"]) == {
        "lr": Given("1e-04"),
        "n": Given("10"),
        "m.x": Given("NaN"),
        "m.on": Given("true"),
        "m.s": Given("é"),
        "m.l": Given("[1.0, null]", ("1.0", "null")),
        "t": Given("1"),
        "opt.lr": Given("1e-04"),
        "opt.on": Given("false"),
        "opt.day": Given("2026-01-02"),
        "opt.l": Given('[1.50, "a"]', ("1.50", "a")),
    }


BOMB = "a0: &a0 [x, x]\n" + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]\n" for n in range(1, 9))


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        ("a.yaml", "a: 1\nb: 2\na: 1\n", 'a.yaml:3: "a" is there twice'),
        ("a.yaml", "a: 1\nb: [1\n", "a.yaml:3: invalid YAML"),
        ("a.yaml", "- 1\n", "a.yaml: the file is not a mapping"),
        ("a.yaml", "a: 1\n---\nb: 2\n", "a.yaml:2: invalid YAML"),
        ("a.yaml", "a: 1\nb: !!python/object/apply:os.system [touch pwned]\n", "a.yaml:2: the tag"),
        ("a.yaml", "a: !new x\n", "the tag !new"),
        ("a.yaml", "? [1]\n: 2\n", "a key that is not text"),
        ("a.yaml", "'': 2\n", "an empty key"),
        ("a.yaml", "a: &x [*x]\n", "nested too deeply"),
        ("a.yaml", "a: " + "[" * 9999, "nested too deeply"),
        ("a.yaml", BOMB, "more than 100000 values"),
        ("a.yaml", "a: \x01", "invalid YAML"),
        ("a.yaml", 'a: "\\0"', '"a": no program can be given such characters'),
        ("a.yaml", "a: {b: 1}\na.b: 2", '"a.b" is there twice'),
        ("a.yaml", "<<: 3", "takes a mapping"),
        ("a.json", '{"a": 1,\n"b" 2}', "a.json:2: invalid JSON"),
        ("a.json", '{"a": {"b": 1, "b": 1}}', '"b" is there twice'),
        ("a.json", "[1]", "not a mapping"),
        ("a.json", '{"a":' * 99999, "nested too deeply"),
        ("a.json", '{"a": ["\\ud800"]}', "no program"),
        ("a.toml", "a = 1\nb = \n", "a.toml:2: invalid TOML"),
        ("a.toml", "a = 1\na = 2\n", "a.toml:2: invalid TOML"),
        ("a.ini", "", "not a kind of file"),
        ("a", "", "not a kind of file"),
    ],
)
def test_a_file_that_makes_no_sense_is_refused_with_the_line(folder: Path, name: str, text: str, says: str) -> None:
    (folder / name).write_text(text)
    with pytest.raises(UsageError) as error:
        read_hyperparams([f"@{name}"])
    assert says in error.value.message
    assert sorted(folder.iterdir()) == [folder / name]


def test_a_file_that_is_not_there_or_not_text_is_said(folder: Path) -> None:
    with pytest.raises(NotFoundError, match=r"@none\.yaml: no such file"):
        read_hyperparams(["@none.yaml"])
    (folder / "a.yaml").write_bytes(b"a: 1\nb: \xff\n")
    with pytest.raises(UsageError, match=r"a\.yaml:2: not UTF-8"):
        read_hyperparams(["@a.yaml"])
    (folder / "d.yaml").mkdir()
    with pytest.raises(UsageError, match="be read: Is a"):
        read_hyperparams(["@d.yaml"])


JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | ARGUMENT,
    lambda inner: st.lists(inner) | st.dictionaries(ARGUMENT, inner),
    max_leaves=5,
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=30, deadline=None)
@given(st.dictionaries(KEY, ARGUMENT | st.lists(JSON_VALUES), max_size=3))
def test_any_json_is_read_as_it_is_written(folder: Path, values: dict[str, object]) -> None:
    (folder / "a.json").write_text(json.dumps(values), encoding="utf-8")
    found = read_hyperparams(["@a.json"])
    assert {key: given.text for key, given in found.items() if given.items is None} == {
        key: value for key, value in values.items() if isinstance(value, str)
    }
    for key, value in found.items():
        if value.items is not None and value.text is not None:
            assert json.loads(value.text) == values[key]


def test_yaml_is_imported_only_for_a_yaml_file() -> None:
    code = (
        "import sys\nfrom runctl.project.hyperparams import read_hyperparams\nread_hyperparams(['a=1'])\n"
        "assert not {'yaml', 'json', 'tomllib', 'runctl.project.hyperparams.files'} & set(sys.modules), sys.modules"
    )
    assert subprocess.run([sys.executable, "-c", code], stderr=subprocess.PIPE, text=True).stderr == ""

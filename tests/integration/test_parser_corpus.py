"""Every script of tests/corpus/parsers: what runctl makes of hyperparameters is run through the script's own parser.

The corpus is described in tests/corpus/parsers/README.md.
"""

from __future__ import annotations

import ast
import functools
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import pytest

from runctl.cli.main import main

pytestmark = pytest.mark.slow

CORPUS = Path(__file__).parents[1] / "corpus" / "parsers"
PLAIN = {"hydra": ["{key}={value}"]}
NEVER = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.forkpty", "os.posix_spawn", "pty.spawn"}


class Case(NamedTuple):
    """A script of the corpus: `folder` (of a framework's copy) is where it is run, `script` its path from there."""

    framework: str
    folder: Path
    script: str
    cases: dict[str, Any]


class Told(NamedTuple):
    """How a command of runctl ended."""

    code: int
    stdout: str
    stderr: str


def stored_cases() -> list[Path]:
    """The case files of the corpus."""
    return sorted([*CORPUS.glob("*/*.json"), *CORPUS.glob("*/*/cases.json")])


def name_of(stored: Path) -> str:
    """A case's name in reports: `argparse-imagenet`."""
    framework = stored.relative_to(CORPUS).parts[0]
    return f"{framework}-{stored.stem if stored.parent.name == framework else stored.parent.name}"


STORED = {name_of(stored): stored for stored in stored_cases() if '"accept"' in stored.read_text()}


# ------------------------------------------------------------------------------ the real script


class Truth:
    """Runs the scripts of one framework, each in a fork of a process that has imported the framework."""

    def __init__(self, framework: str) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "truth", framework]
        # it outlives the test that starts it, so that nothing of that test's RUNCTL_HOME may be in it
        kept = {name: value for name, value in os.environ.items() if not name.startswith("RUNCTL_")}
        env = {**kept, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONUTF8": "1"}
        self.process = subprocess.Popen(
            command, cwd=CORPUS, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8"
        )

    def ask(self, case: Case, want: str, args: list[str]) -> dict[str, Any]:
        """Exit code, stdout and stderr of the script with these arguments, or (`flags`) what its parser has."""
        assert self.process.stdin and self.process.stdout
        request = {"folder": str(case.folder), "script": case.script, "args": args, "want": want}
        self.process.stdin.write(json.dumps(request) + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        assert line, f"the process with {case.framework} has ended: is it installed for {sys.executable}?"
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """Ends the process."""
        self.process.communicate()


@pytest.fixture(scope="session")
def truth_of() -> Iterator[Callable[[str], Truth]]:
    """The process that has a framework; started when it is first asked for."""
    started: dict[str, Truth] = {}

    def get(framework: str) -> Truth:
        if framework not in started:
            started[framework] = Truth(framework)
        return started[framework]

    yield get
    for truth in started.values():
        truth.close()


# ------------------------------------------------------------------------------ runctl


class Watch:
    """Python's own record (its audit events) of what the client does with a project's code."""

    def __init__(self) -> None:
        self.codes: set[tuple[bytes, tuple[str, ...]]] = set()
        self.folder = ""
        self.seen: list[str] | None = None

    def start(self, folder: Path) -> None:
        """From now on, notes whatever runs or imports the Python below `folder`, or starts a process."""
        self.folder = str(folder)
        self.codes = _codes_of(folder)
        self.seen = []

    def stop(self) -> list[str]:
        """What was noted."""
        seen, self.seen = self.seen or [], None
        return seen

    def __call__(self, event: str, args: tuple[Any, ...]) -> None:
        if self.seen is None:
            return
        if event == "exec" and isinstance(args[0], CodeType):
            if (args[0].co_code, args[0].co_names) in self.codes or args[0].co_filename.startswith(self.folder):
                self.seen.append(f"executed {args[0].co_filename}")
        elif event == "import" and str(args[1] or "").startswith(self.folder):
            self.seen.append(f"imported {args[1]}")
        elif event == "open" and args[2] & (os.O_WRONLY | os.O_RDWR):
            if os.path.abspath(str(args[0])).startswith(self.folder):
                self.seen.append(f"wrote {args[0]}")
        elif event in NEVER:
            self.seen.append(f"{event} {args}")


@functools.cache
def _codes_of(folder: Path) -> set[tuple[bytes, tuple[str, ...]]]:
    return {code for path in folder.rglob("*.py") if (code := _compiled(path))}


def _compiled(path: Path) -> tuple[bytes, tuple[str, ...]] | None:
    """What tells the code of a module from others; None for one that does nothing."""
    try:
        code = compile(path.read_bytes(), str(path), "exec", dont_inherit=True)
    except SyntaxError:
        return None
    return (code.co_code, code.co_names) if set(code.co_names) - {"__doc__"} else None


WATCH = Watch()
sys.addaudithook(WATCH)


class Client:
    """runctl in this process, watched: it may read a project, and nothing more."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self.capsys = capsys
        self.monkeypatch = monkeypatch

    def ask(self, case: Case, *words: str) -> Told:
        """Runs one command in the script's folder."""
        self.monkeypatch.chdir(case.folder)
        # runctl's own modules, compiled when they are first used, are not what is watched for
        self.monkeypatch.setattr(sys, "dont_write_bytecode", True)
        before, path = files(case.folder), list(sys.path)
        self.capsys.readouterr()
        WATCH.start(case.folder)
        try:
            code = main(list(words))
        finally:
            seen = WATCH.stop()
        told = Told(code, *self.capsys.readouterr())
        assert not seen, f"runctl did more than read: {seen}"
        assert files(case.folder) == before, "runctl wrote into the project"
        assert sys.path == path
        return told

    def plan(self, case: Case, asked: dict[str, Any]) -> Told:
        """What `runctl local` would start."""
        words = [word for given in asked.get("hyperparams", []) for word in ("--hyperparams", given)]
        command = ["local", case.script, "--python", sys.executable, "--dry-run", "--json", *words]
        return self.ask(case, *command, "--", *asked.get("args", []))

    def params(self, case: Case) -> dict[str, Any]:
        """What `runctl params` reads."""
        told = self.ask(case, "params", case.script, "--json")
        assert told.code == 0, told.stderr
        document: dict[str, Any] = json.loads(told.stdout)
        return document


@pytest.fixture
def client(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Client:
    return Client(capsys, monkeypatch)


def files(folder: Path) -> dict[str, int]:
    """The files below a folder, and when each was written."""
    return {str(path): path.stat().st_mtime_ns for path in folder.rglob("*") if "__pycache__" not in path.parts}


# ------------------------------------------------------------------------------ the corpus


@pytest.fixture(scope="session")
def copies(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The copy of a framework's scripts, outside of any repository; made when it is first asked for."""
    root = tmp_path_factory.mktemp("corpus")

    def copy(framework: str) -> Path:
        target = root / framework
        if not target.exists():
            shutil.copytree(CORPUS / framework, target, ignore=shutil.ignore_patterns("__pycache__"))
        return target

    return copy


@pytest.fixture(params=STORED)
def case(request: pytest.FixtureRequest, copies: Callable[[str], Path]) -> Case:
    stored = STORED[request.param]
    framework, *below = stored.relative_to(CORPUS).parts
    folder = copies(framework).joinpath(*below[:-1])
    cases = json.loads(stored.read_text())
    script = "train.py" if below[1:] else f"{stored.stem}.py"
    return Case(framework, folder, cases.get("script", script), cases)


def test_the_script_receives_what_was_asked_for_or_the_run_is_refused(
    case: Case, client: Client, truth_of: Callable[[str], Truth]
) -> None:
    truth = truth_of(case.framework)
    wrong = [found for asked in case.cases["accept"] if (found := wrongly_passed_on(case, asked, client, truth))]
    wrong += [found for asked in case.cases["refuse"] if (found := wrongly_refused(case, asked, client, truth))]
    assert not wrong, "\n".join(wrong)
    assert not Path(os.environ["RUNCTL_HOME"], "runs").exists()


def wrongly_passed_on(case: Case, asked: dict[str, Any], client: Client, truth: Truth) -> str:
    """What is wrong with what the script receives when runctl is asked for `asked`; "" when nothing is."""
    told = client.plan(case, asked)
    if told.code != 0:
        return f"{asked}\n  is refused ({told.code}): {told.stderr}"
    args = json.loads(told.stdout)["spec"]["args"]
    ran = truth.ask(case, "run", args)
    if ran["code"] != 0:
        return f"{asked}\n  became {args}, which the script refuses: {ran['stderr']}"
    found = differences(asked["receives"], json.loads(ran["stdout"].splitlines()[-1]))
    return f"{asked}\n  became {args}: {found}" if found else ""


def wrongly_refused(case: Case, asked: dict[str, Any], client: Client, truth: Truth) -> str:
    """What is wrong with how runctl refuses `asked`; "" when nothing is."""
    told = client.plan(case, asked)
    if told.code != asked.get("exit", 3):
        return f"{asked}\n  ends with {told.code}: {told.stderr or json.loads(told.stdout)['spec']['args']}"
    error = json.loads(told.stderr)["error"]
    said = dashed(f"{error['message']} {error['hint']}")
    says = [asked["says"]] if isinstance(asked["says"], str) else asked["says"]
    missing = [text for text in says if dashed(text) not in said]
    if missing or told.stdout:
        return f"{asked}\n  says nothing of {missing}: {told}"
    return taken_by_script(case, asked, truth)


def dashed(text: str) -> str:
    """A text in which dashes and underscores are alike, as they are in a hyperparameter's key."""
    return text.replace("_", "-")


def taken_by_script(case: Case, asked: dict[str, Any], truth: Truth) -> str:
    """What the script would have made of what runctl refused; "" when it could not have used it."""
    if asked["script"] == "conflict":
        return ""
    given = asked.get("plain") or [*plain_spelling(case, asked), *asked.get("args", [])]
    ran = truth.ask(case, "run", given)
    if asked["script"] == "refuses":
        return "" if ran["code"] != 0 else f"{asked}\n  is refused, and the script takes {given}: {ran['stdout']}"
    assert asked["script"] == "ignores"
    without = truth.ask(case, "run", asked.get("args", []))
    assert without["code"] == 0, without["stderr"]
    return "" if ran["stdout"] == without["stdout"] else f"{asked}\n  is refused, and the script uses {given}"


def plain_spelling(case: Case, asked: dict[str, Any]) -> list[str]:
    """The hyperparameters as someone would write them who knows nothing of the script."""
    spelling = PLAIN.get(case.framework, ["--{key}", "{value}"])
    pairs = [item.partition("=") for given in asked.get("hyperparams", []) for item in given.split(",")]
    return [word.format(key=key, value=value) for key, _, value in pairs for word in spelling]


def differences(expected: Any, received: Any, where: str = "") -> list[str]:
    """Where the received value is not the expected one, in value or type; of objects, the expected keys count."""
    if isinstance(expected, dict) and isinstance(received, dict):
        missing = [f"{where}.{key} is missing" for key in expected if key not in received]
        both = [key for key in expected if key in received]
        return missing + [text for key in both for text in differences(expected[key], received[key], f"{where}.{key}")]
    if isinstance(expected, list) and isinstance(received, list) and len(expected) == len(received):
        pairs = enumerate(zip(expected, received, strict=True))
        return [text for index, pair in pairs for text in differences(*pair, f"{where}[{index}]")]
    if type(expected) is type(received) and expected == received:
        return []
    return [f"{where}: expected {expected!r}, the script received {received!r}"]


def test_params_lists_what_the_real_parser_has(case: Case, client: Client, truth_of: Callable[[str], Truth]) -> None:
    document = client.params(case)
    if case.cases.get("framework", case.framework) is None:
        assert document["parameters"] == []
        return
    assert document["framework"] == case.cases.get("framework", case.framework)
    ran = truth_of(case.framework).ask(case, "flags", [])
    assert ran["code"] == 0, ran["stderr"]
    real: dict[str, dict[str, Any]] = ran["found"]
    read = {" ".join([*one["command"], flag]): one for one in document["parameters"] for flag in words_of(one)}
    assert set(read) - set(case.cases.get("maybe", [])) <= set(real), "flags that the script does not have"
    if case.cases.get("complete", True):
        assert set(real) <= set(read), "flags that were not read"
        assert document["complete"], document["notes"]
    unread = case.cases.get("unread", [])
    checked = [flag for flag in real if flag in read and flag not in unread]
    wrong = [text for flag in checked for text in disagreements(flag, real[flag], read[flag], "*" in unread)]
    assert wrong == []


def words_of(parameter: dict[str, Any]) -> list[str]:
    """What sets a parameter: its flags, or its name if it goes by its place."""
    return [*parameter["flags"], *parameter["off_flags"]] or [parameter["name"]]


def disagreements(flag: str, real: dict[str, Any], read: dict[str, Any], may_be_unread: bool) -> list[str]:
    """Where `runctl params` says something else of a flag than the real parser."""
    skipped = {"default"} if may_be_unread and read["default_source"] is not None else set()
    return [
        f"{flag}: its {what} is {real[what]!r}, and runctl says {read[what]!r}"
        for what in ("required", "choices", "default")
        if what in real and what not in skipped and (real[what], type(real[what])) != (read[what], type(read[what]))
    ]


@pytest.mark.parametrize(
    "code",
    [
        "import runpy; runpy.run_path('script.py')",
        "import pathlib; exec(pathlib.Path('script.py').read_text())",
        "import pathlib; exec(compile(pathlib.Path('script.py').read_text(), 'script', 'exec'))",
        "import sys; sys.path.insert(0, ''); import script; sys.path.pop(0)",
        "import subprocess, sys; subprocess.run([sys.executable, 'script.py'])",
        "open('script.py.new', 'w').close()",
    ],
)
def test_running_importing_or_writing_would_be_noticed(code: str, folder: Path) -> None:
    Path("script.py").write_text("import sys\nfrom os import path\nfound = path.join('a', sys.platform)\n")
    WATCH.start(folder)
    exec(code, {})
    sys.modules.pop("script", None)
    assert WATCH.stop()


def test_reading_is_not_taken_for_running(folder: Path) -> None:
    Path("script.py").write_text("import sys\nfrom os import path\nfound = path.join('a', sys.platform)\n")
    WATCH.start(folder)
    source = Path("script.py").read_text()
    ast.parse(source)
    compile(source, "script", "exec")
    assert WATCH.stop() == []


def test_the_corpus_is_as_large_as_promised_and_each_script_tests_enough() -> None:
    thin = []
    for name, stored in STORED.items():
        cases = json.loads(stored.read_text())
        if len(cases["accept"]) < 3 or len(cases["refuse"]) < 2 or not cases["style"]:
            thin.append(name)
    assert not thin
    assert len(STORED) >= 60

"""What a shell is told while a line is still being typed, and what real shells make of it."""

from __future__ import annotations

import hashlib
import os
import pty
import re
import select
import shutil
import time
from typing import TYPE_CHECKING

import pytest
from desk import NOW, PATH, crm

from crm_cli.commands.completion import SHELLS
from crm_cli.nouns import NOUNS

if TYPE_CHECKING:
    from pathlib import Path

SETUP = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], 'eval "$(crm completion bash)"'),
    "zsh": (["zsh", "-f", "-i"], 'autoload -Uz compinit; compinit -D -u; eval "$(crm completion zsh)"'),
    "fish": (["fish", "--no-config", "-i"], "crm completion fish | source"),
}
NASTY = "白色 越野车\\$(touch x)"  # a name that a shell would carry out if it were told to evaluate it
HEAVY = {"yaml", "rich", "tabulate", "wcwidth", "opencc", "phonenumbers"}


def asked(line: str, office: Path | None = None, shell: str = "zsh", **env: str) -> list[tuple[str, ...]]:
    """Answer what a shell is told about a line: kind, value, help; nothing else may be said."""
    env = {"_CRM_COMPLETE": f"complete_{shell}", "_CRM_COMPLETE_LINE": line, **env}
    done = crm(office=office, env=env)
    assert (done.code, done.err) == (0, "")
    return [tuple(one.split("\t")) for one in done.out.splitlines()]


def values(line: str, office: Path | None = None, shell: str = "zsh", **env: str) -> list[str]:
    """Answer the values alone."""
    return [one[1] for one in asked(line, office, shell, **env)]


@pytest.fixture
def busy(office: Path) -> Path:
    """Answer an office with two customers, one of whom has a name that shells must quote."""
    for name in ("王女士", NASTY):
        assert crm("rotate", "arrive", name, office=office).code == 0
    return office


def test_nouns_verbs_and_options_come_with_their_sentences(office: Path) -> None:
    assert values("crm ") == list(NOUNS)
    assert ("plain", "status", "Say that somebody is away, back, or busy with a customer the desk did not assign.") in (
        asked("crm rotate st", office)
    )
    assert asked("crm rotate arrive --st") == [("plain", "--state", "first, open (no deal yet) or closed (deal done).")]
    assert "谁" in asked("crm rotat", CRM_LANG="zh_CN")[0][2]


def test_every_noun_and_verb_can_be_completed_down_to_its_options() -> None:
    for noun in NOUNS:
        verbs = values(f"crm {noun} ") if hasattr_verbs(noun) else [""]
        for verb in verbs:
            assert "--json" in values(f"crm {noun} {verb} --"), (noun, verb)


def hasattr_verbs(noun: str) -> bool:
    """Answer whether a noun has verbs."""
    import importlib

    return hasattr(importlib.import_module(f"crm_cli.commands.{NOUNS[noun][0]}"), "VERBS")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("crm rotate status 李", ["李娜"]),
        ("crm rotate status 李娜 ph", ["phone"]),
        ("crm rotate status 李娜 公", ["公务"]),
        ("crm rotate arrive k --state=", ["--state=first", "--state=open", "--state=closed"]),
        ("crm rotate arrive k --errand co", ["courier", "colleague"]),
        ("crm rotate arrive k --relation ", ["family", "company"]),
        ("crm rotate off 李娜 ", ["suspended", "leave", "rest"]),
        ("crm rotate miss k --reason p", ["private"]),
        ("crm rotate order 李娜 张伟 ", ["王芳", "赵磊", "陈静"]),
        ("crm rotate open --order 李娜,张", ["李娜,张伟"]),
        ("crm rotate open --off 李", ["李娜="]),
        ("crm rotate open --off 李娜=le", ["李娜=leave"]),
        ("crm rotate hand-over ", ["王女士", NASTY]),
        ("crm rotate hand-over '白", [NASTY]),
        ("crm rotate hand-over 王女士 --to 陈", ["陈静"]),
        ("crm register add k --kind ", ["visit", "phone"]),
        ("crm register add k --been-before ", ["yes", "no"]),
        ("crm staff add x --role sa", ["salesperson"]),
        ("crm rotate next -o j", ["json", "jsonl"]),
        ("crm rotate next --lang zh", ["zh_CN", "zh_TW"]),
        ("crm rotate next --by 陈", ["陈静"]),
        ("crm policy show rotation t", ["turn"]),
        ("crm policy explain rotation turn --given st", ["status="]),
        ("crm policy explain rotation turn --given status=of", ["status=official"]),
        ("crm help cr", ["cron"]),
        ("crm why ", []),
        ("crm rotate close ", []),
        ("crm rotate nonsense ", []),
        ("crm nonsense ", []),
        ("crm rotate status '", ["王芳", "李娜", "张伟", "赵磊", "陈静"]),
    ],
)
def test_what_may_come_next(busy: Path, line: str, expected: list[str]) -> None:
    assert values(line, busy) == expected


def test_files_are_left_to_the_shell() -> None:
    assert [one[0] for one in asked("crm run x")] == ["file"]
    assert asked("crm run x", shell="bash") == [("file", "")]
    assert asked("crm -C x", shell="fish")[0][0] == "folder"


def test_words_come_with_their_labels_in_the_language_of_the_run(busy: Path) -> None:
    assert ("plain", "official", "away on business") in asked("crm rotate status 李娜 ", busy)
    assert ("plain", "official", "公务") in asked("crm rotate status 李娜 ", busy, CRM_LANG="zh_CN")
    assert ("plain", "陈静", "内勤") in asked("crm rotate status ", busy, CRM_LANG="zh_TW")
    assert ("plain", "王女士", "李娜") in asked("crm rotate hand-over ", busy)


def test_bash_is_told_what_it_may_insert_as_it_stands(busy: Path) -> None:
    assert values("crm rotate hand-over 白", busy, "bash") == ["白色\\ 越野车\\\\\\$\\(touch\\ x\\)"]
    assert values('crm rotate hand-over "白', busy, "bash") == ["白色 越野车\\\\\\$(touch x)"]
    assert values("crm rotate arrive k --state=fi", busy, "bash") == ["first"]
    assert values("crm rotate open --off 李娜=le", busy, "bash") == ["leave"]


def test_the_office_is_the_one_that_the_line_names(busy: Path, tmp_path: Path) -> None:
    assert values(f"crm -C {busy} rotate status 李") == ["李娜"]
    assert values("crm rotate status 李", tmp_path / "none") == []


def _contents(office: Path) -> dict[str, str]:
    return {
        str(path.relative_to(office)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(office.rglob("*"))
        if path.is_file() and not path.name.endswith(("-shm", "-wal"))  # SQLite's own
    }


LINES = ("crm rotate status ", "crm rotate status 李娜 ", "crm rotate hand-over ", 'crm --version "', "crm '\\")


@pytest.mark.parametrize("shell", SHELLS)
def test_nothing_is_changed_by_asking(busy: Path, shell: str) -> None:
    before = _contents(busy)
    for line in LINES:
        asked(line, busy, shell)
    assert _contents(busy) == before


def _no_cache(office: Path) -> None:
    shutil.rmtree(office / ".cache")


def _no_settings(office: Path) -> None:
    (office / "crm.yaml").write_text("format: [", "utf-8")


def _cut_short(office: Path) -> None:
    path = max((office / "ledger").glob("*.jsonl"))
    path.write_bytes(path.read_bytes()[:400])


def _unreadable(office: Path) -> None:
    (office / ".cache" / "index.db").resolve().write_bytes(b"no index")
    for path in (office / ".cache").glob("policy.*"):
        path.write_bytes(b"{}")


def _a_file_for_a_ledger(office: Path) -> None:
    shutil.rmtree(office / "ledger")
    (office / "ledger").write_text("", "utf-8")


@pytest.mark.parametrize("ruin", [_no_cache, _no_settings, _cut_short, _unreadable, _a_file_for_a_ledger])
def test_an_office_in_any_state_is_passed_over_in_silence(busy: Path, ruin: object) -> None:
    assert callable(ruin)
    ruin(busy)
    before = _contents(busy)
    for line in LINES:
        asked(line, busy)
    assert values("crm rotate status ", busy) == []
    assert _contents(busy) == before


def test_an_unknown_question_is_passed_over_in_silence(office: Path) -> None:
    for question in ("complete_tcsh", "source_bash", "x"):
        done = crm(office=office, env={"_CRM_COMPLETE": question, "_CRM_COMPLETE_LINE": "crm "})
        assert (done.code, done.out, done.err) == (0, "", "")
    done = crm(office=office, env={"_CRM_COMPLETE": "complete_bash"})
    assert (done.code, done.out, done.err) == (0, "", "")


def test_who_completes_waits_for_nobody_and_loads_nothing_heavy(busy: Path) -> None:
    import fcntl

    with (busy / "ledger" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        env = {"_CRM_COMPLETE": "complete_zsh", "_CRM_COMPLETE_LINE": "crm rotate status 李娜 "}
        done = crm(office=busy, env={**env, "PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert "official" in done.out
    assert "crm_cli.commands.completion" in loaded
    assert not {module.split(".")[0] for module in loaded} & HEAVY


def test_who_does_not_complete_loads_nothing_of_it(office: Path) -> None:
    done = crm("rotate", "next", office=office, env={"PYTHONPROFILEIMPORTTIME": "1"})
    loaded = {line.rpartition("|")[2].strip() for line in done.err.splitlines() if line.startswith("import time:")}
    assert "crm_cli.cli" in loaded
    assert not {"crm_cli.commands.completion", "crm_cli.commands.candidates", "crm_cli.glance"} & loaded


def test_the_scripts_are_printed_and_an_unknown_shell_is_refused() -> None:
    for shell in SHELLS:
        assert f"complete_{shell}" in crm("completion", shell).out
    assert crm("completion", "tcsh").err == "crm: no completion for 'tcsh'\n  fix: crm completion bash|zsh|fish\n"


class Terminal:
    """A shell in a terminal of its own."""

    def __init__(self, shell: str, office: Path) -> None:
        argv, setup = SETUP[shell]
        env = {"PATH": PATH, "TERM": "xterm", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8", "HOME": str(office.parent)}
        env |= {"CRM_OFFICE": str(office), "CRM_NOW": NOW, "CRM_LANG": "en"}
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(office.parent)
            os.execvpe(shutil.which(shell) or shell, argv, env)
        self.type(f"{setup}; echo re''ady\n", "ready")

    def type(self, text: str, expected: str, seconds: float = 60) -> str:
        """Type something and answer what was heard up to what is expected."""
        os.write(self.file, text.encode())
        heard, end = b"", time.monotonic() + seconds
        while time.monotonic() < end and expected not in _shown(heard):
            if select.select([self.file], [], [], 0.2)[0]:
                heard += os.read(self.file, 65536)
        return _shown(heard)

    def close(self) -> None:
        """Close the terminal and wait for the shell to go."""
        os.close(self.file)
        os.waitpid(self.pid, 0)


def _shown(heard: bytes) -> str:
    """Answer what a terminal was told, without colours, movements and bells."""
    return re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]|\x07", "", heard.decode(errors="ignore"))


@pytest.mark.parametrize("shell", SHELLS)
def test_a_real_shell_completes_chinese_names(busy: Path, shell: str) -> None:
    if shutil.which(shell) is None:
        assert shell != "bash"
        pytest.skip(f"there is no {shell} here")
    terminal = Terminal(shell, busy)
    try:
        for typed, completed, said in (
            ("crm rotate finish 李\t", "李娜", '"person":"李娜"'),
            ('crm rotate finish "李\t', "李娜", '"person":"李娜"'),
            ("crm log -o jsonl --subject 白\t", "越野车", '"handle":"白色 越野车'),
            ("crm rotate open --off 张\tle\t", "leave", "day_is_open"),
        ):
            assert completed in terminal.type(typed, completed)
            tail = "\n" if " log " in typed else " -n --json\n"
            assert said in terminal.type(tail, said)
    finally:
        terminal.close()
    assert not (busy.parent / "x").exists()

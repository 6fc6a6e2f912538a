"""What people read is complete in every language; what machines read is the same in all of them."""

from __future__ import annotations

import json
import re
import string
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "tests" / "cli")]

import desk  # noqa: E402
import messages  # noqa: E402

from crm_cli import language  # noqa: E402

FIELDS = string.Formatter()


def fields(sentence: str) -> set[str]:
    return {name for _text, name, _spec, _conversion in FIELDS.parse(sentence) if name is not None}


@pytest.mark.parametrize("name", messages.LANGUAGES)
def test_every_sentence_is_said_in_every_language_with_what_it_holds(name: str) -> None:
    said = messages.read(name)
    missing = [sentence for sentence in messages.sentences() if not said.get(sentence)]
    assert missing == [], "make messages, then translate"
    assert set(said) == set(messages.sentences()), "make messages drops what is no longer said"
    unlike = [one for one, text in said.items() if "{" in one and fields(one) != fields(text)]
    assert unlike == []


def test_traditional_has_no_simplified_signs() -> None:
    text = "".join(messages.read("zh_TW").values())
    assert not set(text) & set("这为务须认识换块终发么门开关过还没时间单条约规则读写请输错误户来电个")


@pytest.mark.parametrize(
    ("wish", "spoken"),
    [
        ("zh", "zh_CN"),
        ("zh_CN.UTF-8", "zh_CN"),
        ("zh_SG", "zh_CN"),
        ("zh-TW", "zh_TW"),
        ("zh_HK.UTF-8", "zh_TW"),
        ("zh-Hant", "zh_TW"),
        ("en_US.UTF-8", "en"),
        ("de_DE", "en"),
    ],
)
def test_a_language_of_the_environment_is_the_nearest_here(wish: str, spoken: str) -> None:
    assert language.named(wish) == spoken


NOBODY = {"zh_CN": "没有人空闲", "zh_TW": "沒有人空閒", "en": "nobody is free"}


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = desk.staffed(tmp_path_factory.mktemp("office") / "office")
    for name in ("客一", "客二", "客三"):
        assert desk.crm("rotate", "arrive", name, office=folder).code == 0
    return speaking(folder, "zh_CN")


def speaking(office: Path, name: str) -> Path:
    """Answer the office, whose own language is now that one."""
    settings = office / "crm.yaml"
    settings.write_text(re.sub(r"(?m)^language: .*", f"language: {name}", settings.read_text("utf-8")), "utf-8")
    return office


def said(office: Path, *words: str, **environment: str) -> str:
    """Answer what a command says with nothing in the environment but what is named."""
    env = {"PATH": desk.PATH, "CRM_NOW": desk.NOW, "CRM_OFFICE": str(office), **environment}
    done = subprocess.run([desk.CRM, *words], env=env, capture_output=True, text=True, check=False)
    return (done.stdout + done.stderr).strip()


def test_the_option_comes_before_the_variable_before_the_office_before_the_environment(
    office: Path, tmp_path: Path
) -> None:
    speaks = desk.copied(office, tmp_path / "office")
    assert said(speaks, "rotate", "next") == NOBODY["zh_CN"], "as cron starts it"
    assert said(speaks, "rotate", "next", LANG="en_US.UTF-8") == NOBODY["zh_CN"], "the office comes first"
    speaking(speaks, "zh_TW")
    assert said(speaks, "rotate", "next", LANG="en_US.UTF-8") == NOBODY["zh_TW"]
    assert said(speaks, "rotate", "next", CRM_LANG="en") == NOBODY["en"]
    assert said(speaks, "rotate", "next", "--lang", "zh_CN", CRM_LANG="en") == NOBODY["zh_CN"]


def test_without_an_office_the_environment_is_heard(tmp_path: Path) -> None:
    words = ("rotate", "next")
    assert said(tmp_path, *words, LC_ALL="zh_TW.UTF-8", LANG="en_US").startswith("crm: ")
    assert "辦公室" in said(tmp_path, *words, LC_ALL="zh_TW.UTF-8", LANG="en_US")
    assert "there is no" not in said(tmp_path, *words)
    assert "is no office" in said(tmp_path, *words, LC_MESSAGES="fr_FR.UTF-8")


def test_help_and_mistakes_are_in_the_language_of_the_office(office: Path) -> None:
    help_text = said(office, "rotate", "arrive", "--help")
    assert not re.findall(r"\b(Usage|Options|Arguments|required|Show this)\b", help_text)
    assert said(office, "rotate", "arrive", "--lagn", "en").startswith("crm: 没有选项 --lagn")
    assert said(office, "rotate", "arrive").startswith("crm: 缺少 ")


MACHINE = (
    "rotate next",
    "rotate show",
    "staff list",
    "register owner 客一",
    "log",
    "why 9",
    "policy show rotation turn",
)


@pytest.mark.parametrize("line", MACHINE)
def test_machine_words_are_the_same_in_every_language(office: Path, line: str) -> None:
    answers = [json.loads(said(office, *line.split(), "--json", CRM_LANG=name)) for name in NOBODY]
    assert answers[0] == answers[1] == answers[2]


def test_a_label_is_a_word(office: Path, tmp_path: Path) -> None:
    speaks = desk.copied(office, tmp_path / "office")
    assert said(speaks, "rotate", "finish", "李娜").startswith("李娜: 空闲")
    assert said(speaks, "rotate", "status", "李娜", "公务").startswith("李娜: 公务")
    assert said(speaks, "rotate", "status", "李娜", "on the phone", CRM_LANG="en").startswith("李娜: on the phone")


def test_the_catalogues_are_compiled() -> None:
    for name in messages.LANGUAGES:
        written = messages.catalogue(name)
        assert written.with_suffix(".json").stat().st_mtime >= written.stat().st_mtime, "make compiles them"

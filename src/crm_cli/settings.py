"""Which folder is the office, and what its `crm.yaml` says: house, place, language, and which user is who."""

from __future__ import annotations

import errno
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from crm_cli import clock, names
from crm_cli.digest import sha256
from crm_cli.errors import DataError, MachineError, UsageError
from crm_cli.language import _

if TYPE_CHECKING:
    from crm_cli.policy.finding import Findings
    from crm_cli.policy.node import Node

FILE = "crm.yaml"
FORMAT = 1
KEYS = ("format", "house", "overlays", "timezone", "country", "area", "language", "users", "calendar")
USER_KEYS = ("staff", "speaks_for_others")


@dataclass(eq=False, repr=False)
class Settings:
    """The settings of one office; `users` maps a user of the machine to a name on the staff."""

    house: str
    timezone: str = "Asia/Shanghai"
    language: str = "zh_CN"
    overlays: list[str] = field(default_factory=list)
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    country: str = "CN"  # whose telephone numbers are meant where a number names no country
    area: str = ""  # the area code that local numbers lack
    calendar: dict[str, Any] = field(default_factory=dict)  # hours and working days, as they are written


def text_of(settings: Settings, user: str, manager: str) -> str:
    """Answer the `crm.yaml` of a new office, in which whoever made it speaks for everybody."""
    user, manager = (orjson.dumps(name).decode() for name in (user, manager))
    overlays = f"overlays: [{', '.join(settings.overlays)}]\n" if settings.overlays else ""
    return (
        f"format: {FORMAT}\n"
        f"house: {settings.house}\n"
        f"{overlays}"
        f"timezone: {settings.timezone}\n"
        f"language: {settings.language}\n"
        "users:                          # who of this machine is who on the staff\n"
        f"  {user}: {{staff: {manager}, speaks_for_others: true}}\n"
    )


def load(folder: Path, cache: Path) -> Settings:
    """Answer the settings of an office; a file read before comes from the cache, so that no YAML is parsed."""
    try:
        raw = (folder / FILE).read_bytes()
    except OSError as error:
        raise MachineError(
            _("the file cannot be read: {why}").format(why=error.strerror),
            where=FILE,
            fix=_("ask whoever owns the office for the right to read it"),
        ) from error
    kept = _kept(cache, raw)
    try:
        return Settings(**orjson.loads(kept.read_bytes()))
    except (OSError, ValueError, TypeError):
        settings = _parsed(raw)
    _keep(kept, settings)
    return settings


def at_hand(folder: Path, cache: Path) -> Settings:
    """Answer the settings that an earlier command has read; OSError or ValueError where none has."""
    return Settings(**orjson.loads(_kept(cache, (folder / FILE).read_bytes()).read_bytes()))


def _kept(cache: Path, raw: bytes) -> Path:
    return cache / f"settings.{sha256(raw).hexdigest()}"


def _keep(kept: Path, settings: Settings) -> None:
    """Keep what was parsed, where the office can be written; elsewhere it is parsed again each time."""
    half = kept.with_suffix(".half")
    try:
        kept.parent.mkdir(exist_ok=True)
        half.write_bytes(orjson.dumps(asdict(settings)))
        half.replace(kept)
    except OSError:
        return


def _parsed(raw: bytes) -> Settings:
    from crm_cli.policy import node as nodes  # noqa: PLC0415 - a settled office parses no YAML
    from crm_cli.policy import reader, source  # noqa: PLC0415
    from crm_cli.policy.finding import Findings  # noqa: PLC0415

    if not raw.strip():
        raise DataError(_("the file is empty"), where=f"{FILE}:1:1", fix=_("put it back from a copy"))
    found = Findings()
    node = source.parse(raw, FILE, found)
    if node is not None and reader.mapping(node, found) is not None:
        reader.known_keys(node, KEYS, found)
        reader.wanted_keys(node, ("format", "house"), found)
        _checked(node, found)
    found.stop()
    values = nodes.data(node) if node else {}
    values.pop("format")
    return Settings(**values)


def _checked(node: Node, found: Findings) -> None:
    from crm_cli.policy import reader  # noqa: PLC0415

    values = node.value
    if "format" in values and values["format"].value != FORMAT:
        found.error(values["format"].place, _("this office is of another format"), _("use the program that made it"))
    for key in ("house", "timezone", "country", "area", "language"):
        if key in values:
            reader.text(values[key], found)
    for overlay in values["overlays"].value if "overlays" in values and reader.items(values["overlays"], found) else ():
        reader.text(overlay, found)
    for house in (values.get("house"), *(reader.listed(values["overlays"]) if "overlays" in values else ())):
        if house is not None and isinstance(house.value, str) and not reader.FOLDER.fullmatch(house.value):
            found.error(house.place, _("this is not the name of a house"), _("name a folder of policies/"))
    users = reader.mapping(values["users"], found) if "users" in values else {}
    for user in (users or {}).values():
        if reader.mapping(user, found) is not None:
            reader.known_keys(user, USER_KEYS, found)
            reader.wanted_keys(user, ("staff",), found)
            _checked_user(user.value, found)
    _checked_zone(values.get("timezone"), found)
    if "calendar" in values:
        from crm_cli.calendars.written import check_settings  # noqa: PLC0415 - few offices write any

        check_settings(values["calendar"], found)


def _checked_user(values: dict[str, Node], found: Findings) -> None:
    from crm_cli.policy import reader  # noqa: PLC0415

    if "staff" in values:
        reader.text(values["staff"], found)
    speaks = values.get("speaks_for_others")
    if speaks is not None and not isinstance(speaks.value, bool):
        found.error(speaks.place, _("true or false is wanted here"), _("write true or false, without quotes"))


def _checked_zone(node: Node | None, found: Findings) -> None:
    if node is None or not isinstance(node.value, str):
        return
    try:
        clock.zone(node.value)
    except UsageError as error:
        found.error(node.place, error.what, error.fix)


def find_folder(named: str | None, start: Path) -> Path:
    """Answer the folder of the office: the one named, else the nearest above the working directory."""
    if named is not None:
        folder = place(named)
        if not _is_office(folder):
            raise _no_office(folder, named)
        return folder.resolve()
    for folder in (start, *start.parents):
        if _is_office(folder):
            return folder
    raise UsageError(
        _("there is no office here or above"),
        fix=_("name it: crm -C OFFICE …, or set CRM_OFFICE, or make one: crm init"),
    )


def place(named: str) -> Path:
    """Answer the folder that was typed; a home that the machine does not know stays as it is written."""
    try:
        return Path(named).expanduser().absolute()
    except RuntimeError:
        return Path(named).absolute()


def _is_office(folder: Path) -> bool:
    try:
        return (folder / FILE).is_file()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            return False
        raise MachineError(
            _("{folder} cannot be read: {why}").format(folder=names.path(folder), why=error.strerror),
            fix=_("ask whoever owns the folder for the right to read it"),
        ) from error


def _no_office(folder: Path, named: str) -> UsageError:
    what = _("{folder} is no office: it has no {file}").format(folder=names.path(named), file=FILE)
    if os.path.isdir(folder / "ledger"):  # noqa: PTH112 - a path that is too long is no folder either
        return UsageError(what, fix=_("put {file} back from a copy: the ledger is still there").format(file=FILE))
    return UsageError(what, fix="crm init OFFICE --profile HOUSE --manager NAME")

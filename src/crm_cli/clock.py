"""Times as the program takes them: with a zone, whole seconds, told in the office's own time."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.names import shown

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

AHEAD = timedelta(days=1)


def machine() -> datetime:
    """Answer what the machine's clock says, in UTC and whole seconds."""
    return datetime.now(UTC).replace(microsecond=0)


def zone(name: str) -> ZoneInfo:
    """Answer the time zone of that name."""
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - costs milliseconds

    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise UsageError(
            _("'{name}' is not a time zone").format(name=shown(name)), fix=_("name one like Asia/Shanghai")
        ) from None


def moment(text: str, here: ZoneInfo, machine_now: datetime) -> datetime:
    """Answer the time that was typed, in the office's zone; one over a day ahead is a typing error."""
    time = typed(text, here)
    if time > machine_now + AHEAD:
        raise UsageError(
            _("the time {text} is more than a day ahead of this machine's clock").format(text=text),
            fix=_("correct the time; if it is right, set the machine's clock"),
        )
    return time


def typed(text: str, here: ZoneInfo) -> datetime:
    """Answer the time that was typed, however far ahead, in the office's zone; it must name its own."""
    fix = _("write it like 2025-03-03T09:30+08:00")
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise UsageError(_("'{text}' is not a time").format(text=shown(text)), fix=fix) from None
    if time.tzinfo is None:
        raise UsageError(_("the time {text} names no zone").format(text=text), fix=fix)
    try:
        return time.astimezone(here).replace(microsecond=0)
    except OverflowError:
        raise UsageError(_("'{text}' is not a time").format(text=shown(text)), fix=fix) from None


def week_of(day: date) -> str:
    """Answer the ISO week of a day, like 2025-W10."""
    year, week, _weekday = day.isocalendar()
    return f"{year}-W{week:02d}"


def week(text: str) -> str:
    """Answer the ISO week that was typed, as `week_of` writes it."""
    try:
        return week_of(date.fromisoformat(f"{text}-1" if text[4:6] == "-W" else "?"))
    except ValueError:
        raise UsageError(
            _("'{text}' is not a week").format(text=shown(text)), fix=_("write it like 2025-W10")
        ) from None


def told(text: str) -> datetime:
    """Answer a time that the program wrote itself."""
    return datetime.fromisoformat(text)

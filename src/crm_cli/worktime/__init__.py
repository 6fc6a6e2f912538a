"""Working time, pure: calendars as data, limits as a rulebook writes them, and when they are due."""

from crm_cli.worktime.calendar import Calendar, Missing, WorkingDays, Year
from crm_cli.worktime.limits import Limit, limit
from crm_cli.worktime.reckon import Stretch, between, due, paused

__all__ = ["Calendar", "Limit", "Missing", "Stretch", "WorkingDays", "Year", "between", "due", "limit", "paused"]

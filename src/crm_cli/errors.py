"""What can go wrong, one class an exit code: each error says what failed, where, and what would mend it."""

from __future__ import annotations


class CrmError(Exception):
    """Something failed; `where` is `FILE:LINE:COL` or a part of it, `fix` an option, a command or an edit.

    No error text may hold personal data: a customer is named by the id the office gave.
    """

    exit = 70

    def __init__(self, what: str, *, fix: str, where: str = "", excerpt: str = "") -> None:
        super().__init__(what)
        self.what, self.fix, self.where, self.excerpt = what, fix, where, excerpt


class UsageError(CrmError):
    """The command line is wrong: an unknown or malformed word, person, client, time or name."""

    exit = 2


class DataError(CrmError):
    """A policy, a record or an input file is wrong, or the ledger is of a newer version."""

    exit = 3


class BusyError(CrmError):
    """Somebody else holds the office; run again."""

    exit = 4


class MachineError(CrmError):
    """The machine failed: permission, disk full, input/output, a suspect ledger."""

    exit = 5

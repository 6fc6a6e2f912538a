"""One writer at a time: flock on a side file that is never renamed and that dies with its holder."""

from __future__ import annotations

import fcntl
import os
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from crm_cli.errors import BusyError
from crm_cli.language import _
from crm_cli.ledger import disk

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

LOCK = ".lock"  # in the folder of the ledger

_FIRST_SLEEP = 0.005
_LONGEST_SLEEP = 0.2
_SIGNATURE = 128  # bytes


@contextmanager
def locked(path: Path, wait: float, command: str, say: Callable[[str], None]) -> Iterator[None]:
    """Hold the lock; wait for it up to `wait` seconds, then BusyError naming the holder.

    `command` is shown to others who wait: it names the noun and the verb, never a customer.
    """
    with disk.trouble(path.parent):
        file = disk.open_lock(path)
    try:
        if not taken(file):
            _wait(file, wait, say)
        _sign(file, command)
        yield
    finally:
        os.close(file)


@contextmanager
def attempted(path: Path, *, held: bool) -> Iterator[bool]:
    """Hold the lock if that takes no waiting, and answer whether it is ours; it is when we held it before."""
    if held:
        yield True
        return
    try:
        file = disk.open_lock(path)
    except OSError:
        yield False
        return
    try:
        yield taken(file)
    finally:
        os.close(file)


def taken(file: int) -> bool:
    """Take the lock if nobody has it, and answer whether it is ours now."""
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _wait(file: int, wait: float, say: Callable[[str], None]) -> None:
    end = time.monotonic() + wait
    sleep = _FIRST_SLEEP
    if wait > 0:
        say(_("waiting for {holder}").format(holder=_holder(file)))
    while not taken(file):
        left = end - time.monotonic()
        if left <= 0:
            raise BusyError(_("the office is in use by {holder}").format(holder=_holder(file)), fix=_("run it again"))
        time.sleep(min(sleep, left))
        sleep = min(sleep * 2, _LONGEST_SLEEP)


def _sign(file: int, command: str) -> None:
    # Padded to one size, because cutting a file costs more than all the rest of a short turn.
    line = f"{os.getpid()} {command}".encode()[:_SIGNATURE].ljust(_SIGNATURE)
    # The signature only helps people who wait; a full disk must not stop the holder here.
    with suppress(OSError):
        disk.write(file, line)


def _holder(file: int) -> str:
    pid, *command = os.pread(file, _SIGNATURE, 0).decode(errors="replace").strip().split(" ", 1)
    return _("process {pid} ({command})").format(pid=pid or "?", command="".join(command) or "?")

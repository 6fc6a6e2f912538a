"""The forms of rules: one module a form with KEYS, ROW_KEYS, ASK and `compiled`; adding a form adds a line here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from crm_cli.policy.forms import case, checklist, may, params, penalty, table

if TYPE_CHECKING:
    from types import ModuleType

FORMS: Final[dict[str, ModuleType]] = {
    "table": table,
    "params": params,
    "may": may,
    "case": case,
    "checklist": checklist,
    "penalty": penalty,
}

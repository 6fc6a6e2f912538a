"""One example a command, as its help shows it; each is run by a test."""

from __future__ import annotations

from crm_cli.language import _


def examples() -> dict[str, str]:
    """Answer what one might type, by noun and verb, with names as they are where the language is spoken."""
    return {
        "rotate arrive": _("crm rotate arrive 'Ms Wang' --asks Anna"),
        "rotate call": _("crm rotate call 'Mr Li'"),
        "rotate finish": _("crm rotate finish Anna"),
        "rotate next": "crm rotate next",
        "rotate show": "crm rotate show --watch 5",
        "rotate fairness": "crm rotate fairness --since 2025-03-01T00:00+08:00",
        "rotate status": _("crm rotate status Anna official"),
        "rotate miss": _("crm rotate miss 'Ms Wang' --reason private"),
        "rotate refuse": _("crm rotate refuse 'Ms Wang'"),
        "rotate redirect": _("crm rotate redirect 'Ms Wang' --to Ben"),
        "rotate hand-over": _("crm rotate hand-over 'Ms Wang' --to Ben"),
        "rotate order": _("crm rotate order Anna Ben Carl --week 2025-W11"),
        "rotate open": _("crm rotate open --off Carl=rest"),
        "rotate close": "crm rotate close",
        "rotate off": _("crm rotate off Carl leave"),
        "rotate on": _("crm rotate on Carl"),
        "rotate adjust": _("crm rotate adjust Ben Anna Carl --reason training"),
        "rotate owe": _("crm rotate owe Ben --reason 'passed by mistake'"),
        "rotate look-after-both": _("crm rotate look-after-both 'Ms Wang'"),
        "rotate confirm-grab": _("crm rotate confirm-grab 'Ms Wang' --offender Ben"),
        "correct": _("crm correct 7 --set client='Ms Wong' --reason misspelt"),
        "register add": _("crm register add 'Mr Sun' --to Anna --kind visit --been-before no"),
        "register update": _("crm register update 'Ms Wang' --phone 13800138000"),
        "register show": _("crm register show 'Ms Wang'"),
        "register list": _("crm register list --owner Anna"),
        "register find": _("crm register find 'Wang Fang'"),
        "register unlink": _("crm register unlink 'Mr Li' --from 'Ms Wang' --reason 'not a family'"),
        "register link": _("crm register link 'Mr Li' --same-as 'Ms Wang' --relation family"),
        "register owner": _("crm register owner 'Ms Wang'"),
        "register import": _("crm register import customers.csv --map customers.yaml -n"),
        "register export": "crm register export --output customers.csv",
        "staff add": _("crm staff add Dora --role salesperson"),
        "staff depart": _("crm staff depart Carl"),
        "staff deputy": _(
            "crm staff deputy Ben --for Mary \\\n    --from 2025-03-03T09:00+08:00 --until 2025-03-05T09:00+08:00"
        ),
        "staff list": "crm staff list --excel --output staff.csv",
        "notify": "crm notify --exec /usr/local/bin/tell-the-desk",
        "due": "crm due --within 7d --check",
        "tick": "crm tick",
        "run": "crm run day.crm --id 2025-03-03 --json",
        "log": _("crm log --subject 'Ms Wang'"),
        "why": "crm why 7",
        "policy check": "crm policy check",
        "policy test": "crm policy test",
        "policy show": "crm policy show rotation turn",
        "policy explain": "crm policy explain rotation turn --given status=phone",
        "policy schema": "crm policy schema rotation",
        "completion": "crm completion bash",
        "ledger verify": "crm ledger verify --replay",
        "ledger head": "crm ledger head",
        "ledger repair": "crm ledger repair -n",
        "backup": "crm backup ../office-copy",
        "ledger show": "crm ledger show 7",
        "init": _("crm init my-office --profile HOUSE --manager Mary"),
        "help": "crm help exit-codes",
        "demo": "crm demo",
    }

"""The words that a command line may begin with by itself, and those that no house may take for its own."""

from __future__ import annotations

# noun -> (module of crm_cli.commands, one sentence)
NOUNS = {
    "rotate": ("rotate", "Whose turn it is to receive a walk-in or to take a call."),
    "register": ("register", "Who received whom, and whose customer somebody is."),
    "penalty": ("penalty", "What breaches cost: the lines, who decides on them, the statement of a month."),
    "staff": ("staff", "Who works here, and in which roles."),
    "correct": ("correct", "Put right what was typed wrong; the wrong event stays to be seen."),
    "calendar": ("calendar", "When a limit is due, what lies between two times, what the office's calendar says."),
    "due": ("due", "Show what is due, soonest first."),
    "tick": ("tick", "Record what has fallen due, once."),
    "notify": ("notify", "Hand what needs attention to a program."),
    "run": ("batch", "Carry out a file of command lines."),
    "log": ("log", "Show what happened."),
    "why": ("why", "Show why an event was decided so."),
    "policy": ("policy", "Check, test, show and explain the rulebook."),
    "ledger": ("ledger", "Verify, read and repair the ledger."),
    "backup": ("backup", "Copy the office to another folder, or bring an earlier copy up to now."),
    "init": ("init", "Make a working office."),
    "completion": ("completion", "Print what makes bash, zsh or fish complete commands, staff and customers."),
    "help": ("help", "Show a page: exit-codes, environment, ledger, policies, calendar, cron."),
    "demo": ("demo", "Play a sample day in an office of its own."),
}
# what no kind of case is called: a noun, or the word by which look-ups know customers
RESERVED = (*NOUNS, "customer")
# what every kind of case has: no step is called so, and no part of a kind's name
VERBS = ("show", "list", "overdue", "checklist", "stats", "import")
# what every command takes: no field is called so
OPTIONS = (
    "json", "format", "output", "by", "at", "now", "id", "dry_run", "quiet", "wait", "lang", "excel", "color",
    "no_pager", "attach", "help", "office", "version",
)  # fmt: skip

"""The proof of a table: that its rows leave no gap, do not contradict each other, and can all fire."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from crm_cli.language import _
from crm_cli.policy import boxes
from crm_cli.policy.draft import OTHERWISE, Row, Rule

if TYPE_CHECKING:
    from crm_cli.policy.cells import Cell
    from crm_cli.policy.finding import Findings, Place
    from crm_cli.policy.vocabulary import Domain, Table

SHOWN = 20  # gaps and overlaps of one kind reported for one table


@dataclass(slots=True)
class Read:
    """A row as understood."""

    row: Row
    when: dict[str, Cell]
    then: dict[str, Any]
    box: boxes.Box = ()


@dataclass(slots=True)
class Written:
    """A table as understood."""

    rule: Rule
    ask: Table
    hit: str
    domains: dict[str, Domain]
    rows: list[Read]
    impossible: list[dict[str, Cell]]


@dataclass(slots=True)
class _Proof:
    """What is compared with what."""

    rule: Rule
    hit: str
    axes: list[boxes.Axis]
    rows: list[Read]
    otherwise: Read | None
    impossible: list[boxes.Box] = field(default_factory=list)

    def possible(self, boxed: list[boxes.Box]) -> list[boxes.Box]:
        return boxes.less(boxed, self.impossible)


def prove(written: Written, found: Findings) -> None:
    """Report gaps, contradictions and rows that never fire; the table must be free of other errors."""
    axes = _axes(written)
    for row in written.rows:
        row.box = _box(axes, row.when)
    normal = [row for row in written.rows if row.row.id != OTHERWISE]
    otherwise = next((row for row in written.rows if row.row.id == OTHERWISE), None)
    impossible = [_box(axes, when) for when in written.impossible]
    proof = _Proof(written.rule, written.hit, axes, normal, otherwise, impossible)
    _silent(proof, found)
    if written.hit != "all":
        _gaps(proof, found)
    if written.hit == "unique":
        _overlaps(proof, found)
    elif written.hit == "first":
        _shadows(proof, found)


def _axes(written: Written) -> list[boxes.Axis]:
    whens = [*(row.when for row in written.rows), *written.impossible]
    return [
        boxes.axis(name, written.domains[name], [when[name].fits for when in whens if name in when])
        for name in written.ask.inputs
    ]


def _box(axes: list[boxes.Axis], when: dict[str, Cell]) -> boxes.Box:
    return boxes.box(axes, {name: cell.fits for name, cell in when.items()})


def _silent(proof: _Proof, found: Findings) -> None:
    """Report rows that can never fire."""
    before: list[Read] = []
    for row in proof.rows:
        own = proof.possible([row.box])
        if not own:
            what = _("row '{row}' holds only what is impossible").format(row=row.row.id)
            found.error(row.row.place, what, _("remove the row"))
        elif proof.hit == "first" and not boxes.less(own, [one.box for one in before]):
            takers = ", ".join(one.row.id for one in before if boxes.meet(one.box, row.box))
            what = _("row '{row}' can never fire: {takers} take all of it").format(row=row.row.id, takers=takers)
            found.error(row.row.place, what, _("move the row up, or remove it"))
        before.append(row)


def _gaps(proof: _Proof, found: Findings) -> None:
    world = proof.possible([tuple(axis.full for axis in proof.axes)])
    left = boxes.merged(boxes.less(world, [row.box for row in proof.rows]))
    if proof.otherwise is not None:
        if not left:
            what = _("otherwise can never fire: the rows take everything")
            found.error(proof.otherwise.row.place, what, _("remove otherwise"))
        return
    for gap in left[:SHOWN]:
        what = _("no row of {rule} takes {facts}")
        what = what.format(rule=proof.rule.name, facts=boxes.shown(proof.axes, gap))
        found.error(proof.rule.touched or proof.rule.place, what, _("add a row, or list the facts under impossible"))


def _pairs(proof: _Proof) -> list[tuple[Read, Read, boxes.Box]]:
    """Answer rows that both take some facts, the earlier first, with such facts."""
    answer = []
    for at, later in enumerate(proof.rows):
        for earlier in proof.rows[:at]:
            shared = boxes.meet(earlier.box, later.box)
            left = proof.possible([shared]) if shared else []
            answer += [(earlier, later, left[0])] if left else []
    return answer


def _overlaps(proof: _Proof, found: Findings) -> None:
    for earlier, later, shared in _pairs(proof)[:SHOWN]:
        what = _("rows '{one}' and '{other}' both take {facts}")
        what = what.format(one=earlier.row.id, other=later.row.id, facts=boxes.shown(proof.axes, shared))
        found.error(_place(later), what, _("narrow one of the two rows, or write hit: first"))


def _shadows(proof: _Proof, found: Findings) -> None:
    """Warn where an earlier row takes from a later one, with another outcome, and no reading says why."""
    for earlier, later, shared in _pairs(proof):
        told = "reading" in earlier.row.keys or "reading" in later.row.keys
        if later.when and not told and earlier.then != later.then:
            what = _("row '{one}' takes {facts} before '{other}', with another outcome")
            what = what.format(one=earlier.row.id, other=later.row.id, facts=boxes.shown(proof.axes, shared))
            found.warn(_place(later), what, _("write reading: on one of the two rows, or narrow one of them"))


def _place(row: Read) -> Place:
    return row.row.keys["when"].place if "when" in row.row.keys else row.row.place

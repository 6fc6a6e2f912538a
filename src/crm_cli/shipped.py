"""Where the rulebooks and samples are that come with the program: in the package, or beside it in a checkout."""

from __future__ import annotations

from pathlib import Path

from crm_cli.errors import UsageError
from crm_cli.language import _


def root() -> Path:
    """Answer the folder that holds `policies/` and `samples/`."""
    inside = Path(__file__).parent / "shipped"
    return inside if inside.is_dir() else Path(__file__).parents[2]


def houses() -> list[str]:
    """Answer the houses whose rulebooks are shipped."""
    return sorted(folder.name for folder in (root() / "policies").iterdir() if folder.is_dir())


def house(name: str) -> Path:
    """Answer the folder of a rulebook: one that is shipped, or one's own, named by its path."""
    own = Path(name).expanduser()
    if "/" in name and own.is_dir():
        return own.resolve()
    if name not in houses():
        fix = _("{houses}, or the path of a folder like ./HOUSE").format(houses=" | ".join(houses()))
        raise UsageError(_("no rulebook is shipped for '{name}'").format(name=name[:40]), fix=fix)
    return root() / "policies" / name


SCRIPTS = ("day.crm", "month.crm")  # what a sample is called in its folder


def samples() -> list[str]:
    """Answer the samples that are shipped, the default first: the one whose folder holds a file `default`."""
    folders = [folder for folder in (root() / "samples").iterdir() if _scripts(folder)]
    return [
        folder.name for folder in sorted(folders, key=lambda folder: (not (folder / "default").exists(), folder.name))
    ]


def sample(name: str) -> Path:
    """Answer the script of a sample; an unknown one is refused."""
    if name not in samples():
        raise UsageError(
            _("there is no sample for '{name}'").format(name=name[:40]), fix="crm demo " + "|".join(samples())
        )
    return _scripts(root() / "samples" / name)[0]


def _scripts(folder: Path) -> list[Path]:
    return [folder / name for name in SCRIPTS if (folder / name).is_file()]

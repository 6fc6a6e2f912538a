"""What is wrong with a command line, in the program's own words; what was typed for a customer is never repeated."""

from __future__ import annotations

from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

from typer._click.exceptions import BadOptionUsage, BadParameter, MissingParameter, NoSuchOption
from typer.core import TyperGroup

from crm_cli.commands.options import OPTIONS
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.names import shown

if TYPE_CHECKING:
    from collections.abc import Iterable

    from typer._click.exceptions import ClickException


BEHIND = {word for declarations, *_rest in OPTIONS.values() for word in declarations}  # every command takes them


def worded(error: ClickException, command: str) -> UsageError:
    """Answer the mistake that Typer found as a usage error."""
    context = getattr(error, "ctx", None)
    fix = f"{context.command_path if context else f'crm {command}'} --help"
    if isinstance(error, NoSuchOption):
        if error.option_name == "--attach":
            what = _("this command records nothing that a file could come with")
            return UsageError(what, fix=_("give --attach to the command that records the event"))
        what = _("there is no option {name}").format(name=shown(error.option_name))
        if context is not None and context.parent is None and error.option_name in BEHIND:
            return UsageError(
                what, fix=_("it stands behind the command: crm rotate show {name} …").format(name=error.option_name)
            )
        return UsageError(what, fix=_did_you_mean(error.possibilities or ()) or fix)
    if isinstance(error, MissingParameter):
        return UsageError(_("{name} is missing").format(name=_name(error.param)), fix=fix)
    if isinstance(error, BadOptionUsage):
        return UsageError(_value_of_option(error), fix=fix)
    if isinstance(error, BadParameter) and getattr(error.param, "is_flag", False):
        return UsageError(_("{name} is set to neither 1 nor 0").format(name=_variable(error.param)), fix=fix)
    if isinstance(error, BadParameter):
        return UsageError(_("{name} wants a whole number{range}").format(**_bounds(error.param)), fix=fix)
    if context is not None and isinstance(context.command, TyperGroup):
        what = _("a verb is missing") if context.parent else _("a command is missing")
        return UsageError(what, fix=fix)
    return UsageError(_("there are more words than this command takes"), fix=_("put a name with blanks in quotes"))


def no_command(path: str, typed: str, known: Iterable[str]) -> UsageError:
    """Answer that there is no command of the name, and which one may have been meant."""
    near = get_close_matches(typed, list(known), n=1)
    what = _("there is no command '{name}'").format(name=shown(typed))
    return UsageError(what, fix=_did_you_mean([f"{path} {name}" for name in near]) or f"{path} --help")


def _did_you_mean(names: Iterable[str]) -> str:
    listed = ", ".join(sorted(names))
    return _("did you mean {names}?").format(names=listed) if listed else ""


def _value_of_option(error: BadOptionUsage) -> str:
    name = shown(error.option_name)
    if "does not take" in error.message:
        return _("the option {name} takes no value").format(name=name)
    return _("the option {name} wants a value").format(name=name)


def _name(parameter: Any) -> str:
    if parameter is None:
        return ""
    return str(parameter.opts[0] if parameter.param_type_name == "option" else parameter.metavar or parameter.name)


def _variable(parameter: Any) -> str:
    return str(parameter.envvar or _name(parameter))


def _bounds(parameter: Any) -> dict[str, str]:
    least, most = getattr(parameter.type, "min", None), getattr(parameter.type, "max", None)
    return {"name": _name(parameter), "range": _range(least, most)}


def no_number(name: str, least: int, fix: str) -> UsageError:
    """Answer that a whole number was wanted in place of something that a command takes as well."""
    return UsageError(_("{name} wants a whole number{range}").format(name=name, range=_range(least, None)), fix=fix)


def _range(least: int | None, most: int | None) -> str:
    if least is None:
        return ""
    if most is None:
        return _(" from {least} up").format(least=least)
    return _(" from {least} to {most}").format(least=least, most=most)

"""crm completion: how a shell asks what may come next on a line, and what it is answered.

Click's way of it, as Typer brings it along: the line is read like a command line, and the parameter that comes next
is found. Typer's own scripts are not used: that for zsh lets the shell evaluate what the program prints, and it prints
what a desk typed for a customer. Here each candidate is one line, `kind TAB value TAB help`, and nothing is evaluated.
"""

from __future__ import annotations

import os
import re
import shlex
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

import typer
from typer._click.shell_completion import (  # where Typer keeps it since 0.26
    CompletionItem,
    ShellComplete,
    _resolve_context,
    _resolve_incomplete,
    split_arg_string,
)

from crm_cli import names
from crm_cli.commands.candidates import candidates
from crm_cli.errors import UsageError
from crm_cli.language import _
from crm_cli.render import Answer

if TYPE_CHECKING:
    from crm_cli.commands.session import Session

__all__ = ["CompletionItem", "command", "completed"]

VARIABLE = "_CRM_COMPLETE"
LINE = "_CRM_COMPLETE_LINE"  # the line up to the cursor
CURSOR = "\x1f"  # stands behind the last character typed, so that a blank or a quote left open before it is kept
PLAIN = ("plain", "part")  # candidates that are values; a part is not followed by a blank


def command(
    context: typer.Context, shell: Annotated[str, typer.Argument(metavar="bash|zsh|fish", help="Which shell.")]
) -> Answer:
    """Print what makes a shell complete: eval "$(crm completion bash)" in ~/.bashrc, alike in zsh; in fish | source."""
    context.obj.speak()
    if shell not in SHELLS:
        what = _("no completion for '{name}'").format(name=names.shown(shell))
        raise UsageError(what, fix="crm completion " + "|".join(SHELLS))
    script = SHELLS[shell](context.find_root().command, {}, "crm", VARIABLE).source()
    return Answer({"verdict": "shown", "shell": shell, "script": script, "cites": [], "events": []}, [script.strip()])


def completed(instruction: str, front: Any, session: Session) -> str:
    """Answer what a shell asks, such as `complete_bash`."""
    shell = SHELLS[instruction.removeprefix("complete_")]
    return shell(front, {"obj": session}, "crm", VARIABLE).complete()


class _Shell(ShellComplete):
    """What the three have in common."""

    def source_vars(self) -> dict[str, Any]:
        return {"function": self.func_name, "name": self.prog_name, "variable": self.complete_var, "line": LINE}

    def get_completion_args(self) -> tuple[list[str], str]:
        words = split_arg_string(os.environ[LINE] + CURSOR)
        return words[1:-1], words[-1].removesuffix(CURSOR)

    def get_completions(self, args: list[str], incomplete: str) -> list[CompletionItem]:
        # An option that still lacks its value would keep the words before it from being read.
        whole = args[:-1] if args and args[-1].startswith("-") and args[-1] != "--" else args
        context = _resolve_context(self.cli, self.ctx_args, self.prog_name, whole)
        place, rest = _resolve_incomplete(context, args, incomplete)
        before = incomplete.removesuffix(rest)  # such as --state=
        found = candidates(place, context, rest)
        for item in found:
            item.value = before + item.value
        return found

    def format_completion(self, item: CompletionItem) -> str:
        return "\t".join([item.type, item.value, " ".join((item.help or "").split())])

    def complete(self) -> str:
        return "".join(f"{line}\n" for line in super().complete().splitlines())


class Bash(_Shell):
    """Bash inserts what it is told as it stands: it is told only what follows the last sign it breaks words at."""

    name: ClassVar[str] = "bash"
    source_template: ClassVar[str] = """\
%(function)s() {
    local kind value
    COMPREPLY=()
    while IFS=$'\\t' read -r kind value; do
        case $kind in
            file) compopt -o default 2>/dev/null ;;
            folder) compopt -o dirnames 2>/dev/null ;;
            part) compopt -o nospace 2>/dev/null; COMPREPLY+=("$value") ;;
            *) COMPREPLY+=("$value") ;;
        esac
    done < <(env %(line)s="${COMP_LINE:0:COMP_POINT}" %(variable)s=complete_bash "$1" 2>/dev/null)
}
complete -o nosort -F %(function)s %(name)s 2>/dev/null || complete -F %(function)s %(name)s
"""

    def format_completion(self, item: CompletionItem) -> str:
        if item.type not in PLAIN:
            return f"{item.type}\t"
        line = os.environ[LINE]
        quote = _open_quote(line)
        last = re.split(r"(?<!\\)[ \t]", line)[-1]
        broken = "" if quote else last[: max(last.rfind(sign) for sign in ":=@") + 1]
        return f"{item.type}\t{_quoted(item.value.removeprefix(broken), quote)}"


class Zsh(_Shell):
    """Zsh quotes what it inserts by itself."""

    name: ClassVar[str] = "zsh"
    source_template: ClassVar[str] = """\
#compdef %(name)s
%(function)s() {
    local kind value help line
    local -a plain told parts
    for line in "${(@f)$(env %(line)s="${(j: :)words[1,CURRENT]}" %(variable)s=complete_zsh %(name)s 2>/dev/null)}"; do
        IFS=$'\\t' read -r kind value help <<< "$line"
        case $kind in
            file) [[ $PREFIX == -*=* ]] && compset -P '*='; _files ;;
            folder) _files -/ ;;
            part) parts+=("$value") ;;
            plain) [[ -n $help ]] && told+=("${${value//\\\\/\\\\\\\\}//:/\\\\:}:$help") || plain+=("$value") ;;
        esac
    done
    (( $#told )) && _describe -V crm told
    (( $#plain )) && compadd -V plain -a plain
    (( $#parts )) && compadd -V parts -S '' -a parts
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then %(function)s "$@"; else compdef %(function)s %(name)s; fi
"""


class Fish(_Shell):
    """Fish quotes what it inserts by itself, and shows the help behind a tab."""

    name: ClassVar[str] = "fish"
    source_template: ClassVar[str] = """\
function %(function)s
    for line in (env %(line)s=(commandline -cp | string collect) %(variable)s=complete_fish %(name)s 2>/dev/null)
        set -l one (string split -m 1 \\t -- $line)
        switch $one[1]
            case file
                __fish_complete_path (commandline -ct)
            case folder
                __fish_complete_directories (commandline -ct)
            case '*'
                echo $one[2]
        end
    end
end
complete --command %(name)s --no-files --keep-order --arguments '(%(function)s)'
"""


SHELLS: dict[str, type[_Shell]] = {shell.name: shell for shell in (Bash, Zsh, Fish)}


def _open_quote(line: str) -> str:
    """Answer the quotation mark that the end of a line stands behind, if any."""
    for quote in ("", '"', "'"):
        try:
            shlex.split(line.removesuffix("\\") + quote)
        except ValueError:
            continue
        return quote
    return ""


def _quoted(value: str, quote: str) -> str:
    """Answer a value as bash takes it for the same value, where a quotation mark stands before it or none."""
    if quote == "'":
        return value.replace("'", "'\\''")
    if quote == '"':
        return re.sub(r'([\\"$`!])', r"\\\1", value)
    return re.sub(r"([^\w\-./:=@%+,\u0080-\U0010ffff])", r"\\\1", value, flags=re.ASCII)

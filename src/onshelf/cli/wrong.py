"""What a person typed that cannot be meant: our own refusals, and click's put into one sentence of either language."""

from typing import Any

import click
from click.exceptions import NoSuchCommand

from onshelf.errors import Error
from onshelf.texts import Lang, text


class Worded(Exception):
    """Stops a command with words of the command line: `cli.wrong.<key>` and `cli.wrong.<key>.remedy`."""

    code = ""

    def __init__(self, key: str, /, **values: Any) -> None:
        super().__init__(key, values)
        self.key = key
        self.values = values

    def message(self, lang: Lang) -> str:
        """Says what is the matter."""
        return text(f"cli.wrong.{self.key}", lang, **self.values)

    def remedy(self, lang: Lang) -> str:
        """Says what to do instead."""
        return text(f"cli.wrong.{self.key}.remedy", lang, **self.values)


class Misused(Worded):
    """A command was used wrongly, and nothing was done."""

    code = "usage"


class Broken(Worded):
    """Something failed that nobody typed wrongly: the system refused, or a defect of ours."""

    code = "broken"


def reason_of(error: Exception) -> Error | Worded:
    """Finds the error of ours behind another, or says what the system refused; a defect of ours shows by its kind."""
    if isinstance(error, ExceptionGroup):
        return reason_of(error.exceptions[0])
    if isinstance(error, Error | Worded):
        return error
    _log(error)
    if isinstance(error, OSError):
        return Broken("system", why=error.strerror or str(error), where=error.filename or "")
    return Broken("defect", kind=type(error).__name__)


def _log(error: Exception) -> None:
    import structlog  # late: costs more than all of `onshelf --help`

    if structlog.is_configured():
        structlog.get_logger().debug("cli.broken", exc_info=error)


def misuse_of(wrong: click.ClickException) -> Misused:
    """Translates what click found wrong; where it has only a sentence of its own, that is passed on."""
    context = wrong.ctx if isinstance(wrong, click.UsageError) else None
    command = context.command_path if context is not None else "onshelf"
    match wrong:
        case NoSuchCommand():
            return Misused("no_command", name=wrong.command_name, known=_members(context), command=command)
        case click.NoSuchOption():
            return Misused("no_option", name=wrong.option_name, command=command)
        case click.MissingParameter():
            return Misused("missing", name=_name(wrong), command=command)
        case click.BadOptionUsage():
            return Misused("no_value", name=wrong.option_name, command=command)
        case click.BadParameter():
            return _bad_value(wrong, command)
    return Misused("other", why=wrong.format_message(), command=command)


def _bad_value(wrong: click.BadParameter, command: str) -> Misused:
    name, kind = _name(wrong), wrong.param.type if wrong.param is not None else None
    if isinstance(kind, click.Choice):
        return Misused("not_a_choice", name=name, known=" | ".join(map(str, kind.choices)), command=command)
    if isinstance(kind, click.Path):
        return Misused("no_file", name=name, why=wrong.message, command=command)
    if kind in (click.INT, click.FLOAT) or isinstance(kind, click.IntRange | click.FloatRange):
        return Misused("not_a_number", name=name, why=wrong.message, command=command)
    return Misused("bad_value", name=name, why=wrong.message, command=command)


def _name(wrong: click.BadParameter) -> str:
    """Names the option or the argument as it is typed."""
    if isinstance(wrong.param, click.Option):
        return wrong.param.opts[0]
    return (wrong.param.name or "").upper() if wrong.param is not None else ""


def _members(context: click.Context | None) -> str:
    """Names the commands of a group."""
    if context is None or not isinstance(context.command, click.Group):
        return ""
    return " ".join(context.command.list_commands(context))

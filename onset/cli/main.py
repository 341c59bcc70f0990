"""The front door: finds the command, runs it, and turns what went wrong into one sentence and an exit code.

One file a command, imported only when it is chosen, so that `onset --version` costs little more than Python itself. A
command module offers `add_parser(subparsers)`, which sets `run`, and `run(args) -> int`; only this file calls them.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from typing import NoReturn, Protocol, TextIO, cast

from onset import __version__
from onset.errors import OnsetError, UsageError
from onset.text import safe_text

_ENDLESS = re.compile(r"\S{400,}")

# name → what it does. The module is onset.cli.<name>; `import`, which no module can be called, is onset.cli.import_.
COMMANDS: dict[str, str] = {
    "new": "make a production folder, ready to log",
    "tui": "the terminal app (also: onset without a command)",
    "board": "a board for the village: slate, take, rolling, circled",
    "demo": "a rehearsal day on simulated devices",
    "capture": "the capture service, in the foreground",
    "record": "record devices without a log",
    "devices": "the configured devices and how they are",
    "ltc": "timecode out of and into sound files",
    "log": "the log without the app: roll, cut, note, list …",
    "import": "bring in the script, sound, reports and clips",
    "media": "recordings as files: finish what a crash left, join",
    "offload": "copy a card to several targets, verified",
    "jobs": "offloads that run or wait: pause, resume, first …",
    "card": "may a card be formatted",
    "reconcile": "what each department claims, and where it differs",
    "verify": "check copies against their manifest",
    "mhl": "ASC MHL histories: create, diff, info …",
    "export": "editorial files of a day: ALE, Resolve, markers, CSV …",
    "send": "the takes of a tag on a disk: proxies or clips, verified",
    "report": "the paper of a day",
    "wrap": "end the day: backup, manifest, what is open",
    "backup": "a verified copy of the log, somewhere else",
    "merge": "take in what another log of this production holds",
    "exchange": "meet other laptops' logs on a stick or in a shared folder",
    "doctor": "the health of the log and of this set-up",
    "completion": "what a shell needs for Tab",
}

EXIT_INTERRUPTED = 130
EXIT_NOBODY_READS = 141

_EXAMPLES = """\
examples:
  onset new Harbour --title "Harbour Lights" --rate 23.976 --slating us
  cd Harbour && onset
  onset log roll 42C && onset log cut
  onset offload /media/A014 /media/SHUTTLE /media/RAID
  onset report editor --day 3 -o day3.pdf

A production is a folder that holds log.onset. Commands find it by -p DIR, by $ONSET_PRODUCTION, or upward from here.
"onset COMMAND --help" says more. Exit codes: 0 done, 1 failed or refused, 2 wrong usage or configuration.
"""


class CommandModule(Protocol):
    """What a module of `onset/cli` offers."""

    def add_parser(self, subparsers: argparse._SubParsersAction[CommandParser], *asked: str) -> None:
        """Describe the command and its arguments; `set_defaults(run=…)`. `asked`: its verb, where it has verbs."""
        ...


class CommandParser(argparse.ArgumentParser):
    """A parser that complains in one sentence and knows `-p` and `--debug` before and after the command."""

    def __init__(self, **options: object) -> None:
        options.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        told = options.get("description")
        if isinstance(told, str):  # a docstring's sections are for who calls it
            options["description"] = re.split(r"\n\s*(?:Args|Returns|Raises):\n", told)[0].rstrip()
        super().__init__(**options, allow_abbrev=False)  # type: ignore[arg-type]  # argparse's own keywords
        self.add_argument(
            "-p", "--production", metavar="DIR", default=argparse.SUPPRESS, help="the production folder to work on"
        )
        self.add_argument(
            "--debug", action="store_true", default=argparse.SUPPRESS, help="show where an error came from"
        )

    def parse_known_args(  # type: ignore[override]  # argparse has overloads for namespaces of one's own
        self, args: Sequence[str] | None = None, namespace: argparse.Namespace | None = None
    ) -> tuple[argparse.Namespace, list[str]]:
        """As argparse does it, which takes many words from one stretch only; they may go on after an option."""
        found, rest = super().parse_known_args(args, namespace)
        many = [action for action in self._actions if not action.option_strings and action.nargs in ("*", "+")]
        if many and rest:
            name = many[-1].dest
            end = rest.index("--") if "--" in rest else len(rest)
            more = [word for word in rest[:end] if not word.startswith("-") and (name != "fields" or "=" in word)]
            setattr(found, name, [*getattr(found, name), *more, *rest[end + 1 :]])
            rest = [word for word in rest[:end] if word not in more]
        return found, rest

    def error(self, message: str) -> NoReturn:
        """Complain; the usage is one `--help` away."""
        words = self.prog.partition(" ")[2]  # without "onset", which stands before every complaint
        wrong = re.fullmatch(r"argument VERB: invalid choice: '(.*)' \(choose from (.*)\)", message, re.DOTALL)
        if wrong is not None:  # argparse would name all sixty
            from onset.toml import nearest

            near = nearest(wrong[1], re.findall(r"'([a-z-]+)'", wrong[2]))
            raise UsageError(f'There is no verb "{safe_text(wrong[1])}"{near or ";"} "{self.prog} --help" lists them.')
        raise UsageError(f'{words}{": " * bool(words)}{message} ("{self.prog} --help" shows how).')


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command.

    Args:
        argv: arguments without the program's name; those of the process by default.

    Returns:
        The exit code.
    """
    if "_ARGCOMPLETE" in os.environ:  # a shell asks what Tab could offer
        from onset.cli.tab import complete

        complete(_parser, tuple(COMMANDS))
    arguments = list(sys.argv[1:] if argv is None else argv)
    _open_streams()
    try:
        try:
            code = _run(arguments)
        except SystemExit as shown:  # argparse, after --help and --version
            code = int(shown.code or 0)
        sys.stdout.flush()  # here, where a full disk or a closed pipe still gets its sentence and its code
        return code
    except BrokenPipeError:
        _give_up(sys.stdout)
        return EXIT_NOBODY_READS
    except KeyboardInterrupt:
        return EXIT_INTERRUPTED
    except OnsetError as error:
        _show_traceback(arguments)
        _complain(str(error))
        return error.exit_code
    except Exception as error:
        _show_traceback(arguments)
        _complain(_unforeseen(error))
        _give_up(sys.stdout)
        return 1


def _run(arguments: list[str]) -> int:
    start = _after_globals(arguments)
    chosen = arguments[start] if start < len(arguments) else ""
    if chosen in ("-h", "--help", "--version"):
        _parser(None).parse_args(arguments)  # shows, and ends with SystemExit
    if not chosen or chosen.startswith("-"):
        chosen = "tui"
        arguments = [*arguments[:start], chosen, *arguments[start:]]
    if chosen not in COMMANDS:
        raise UsageError(_no_such_command(chosen))
    args = _parser(chosen, _verb(arguments[start + 1 :]) if chosen == "log" else "").parse_args(arguments)
    args.production = getattr(args, "production", None)
    args.debug = getattr(args, "debug", False)
    return int(args.run(args))


def _after_globals(arguments: Sequence[str]) -> int:
    """Where the command stands: after `-p DIR` and `--debug`."""
    place = 0
    while place < len(arguments):
        if arguments[place] in ("-p", "--production"):
            if place + 1 == len(arguments):
                raise UsageError(f"{arguments[place]} needs the folder of a production after it.")
            place += 2
        elif arguments[place] == "--debug" or arguments[place].startswith(("-p", "--production=")):
            place += 1
        else:
            break
    return place


def _verb(words: Sequence[str]) -> str:
    """What of a command with verbs is asked for; "" when that is not the first word, and where it is wrong."""
    try:
        return next(iter(words[_after_globals(words) :]), "")
    except UsageError:
        return ""  # the parser says what is missing


def _parser(chosen: str | None, verb: str = "") -> CommandParser:
    """Of the commands only the chosen one: twenty parsers that nobody asks cost 3 ms. None chosen: all, by name."""
    parser = CommandParser(
        prog="onset",
        description="The log, the picture, the sound, the timecode and the cards of a film set.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--version", action="version", version=f"onset {__version__}")
    subparsers = parser.add_subparsers(title="commands", metavar="COMMAND", parser_class=CommandParser)
    if chosen is None:
        for name, purpose in COMMANDS.items():
            subparsers.add_parser(name, help=purpose)
    else:
        add_parser = cast(CommandModule, import_module(module_of(chosen))).add_parser
        add_parser(subparsers, *([verb] if verb else []))
    return parser


def module_of(command: str) -> str:
    """Where a command lives; a word that Python keeps for itself has _ behind it."""
    return f"onset.cli.{command}_" if iskeyword(command) else f"onset.cli.{command}"


def _no_such_command(word: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(word, COMMANDS, n=1)
    hint = f'did you mean "onset {near[0]}"?' if near else '"onset --help" lists them.'
    return f'There is no command "{word}"; {hint}'


def _unforeseen(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        name = f" ({os.fsdecode(error.filename)})" if isinstance(error.filename, str | bytes) else ""
        return f"{error.strerror}{name}; run it again with --debug to see where."
    what = f"{type(error).__name__}: {error}".rstrip(": ")
    return f"this was not foreseen ({what}); run it again with --debug to see where."


def _cut(word: re.Match[str]) -> str:
    """A word that fills a screen (a file pasted as an argument), by its two ends."""
    return f"{word[0][:60]}…{word[0][-20:]}"


def _complain(sentence: str) -> None:
    try:
        print(f"onset: {_ENDLESS.sub(_cut, safe_text(sentence))}", file=sys.stderr, flush=True)
    except OSError:
        _give_up(sys.stderr)


def _show_traceback(arguments: Sequence[str]) -> None:
    if "--debug" in arguments:
        import traceback

        traceback.print_exc()


def _open_streams() -> None:
    """Have both streams, and show an escape where a terminal without UTF-8 cannot show a letter."""
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # closed by the caller (`>&-`)
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115  # open until the process ends
        reconfigure = getattr(getattr(sys, name), "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def _give_up(stream: TextIO) -> None:
    """Nobody reads, or the disk is full: keep the interpreter from trying once more at its end and complaining."""
    try:
        stream.flush()
    except (OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)

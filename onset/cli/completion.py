"""`onset completion`: what bash, zsh or fish needs so that Tab completes commands, options, takes, slates and names."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from onset.cli.tab import SHELLS, script_for

if TYPE_CHECKING:
    from onset.cli.main import CommandParser

_EXAMPLES = """\
examples:
  eval "$(onset completion bash)"                                  in ~/.bashrc
  eval "$(onset completion zsh)"                                   in ~/.zshrc, after compinit
  onset completion fish > ~/.config/fish/completions/onset.fish

Then "onset log set 42C/" and Tab shows the takes of 42C. Takes, slates, scenes, units, cameras, tags, targets and
devices are those of the production here (or of -p DIR). Tab only reads: it takes no seat and writes nothing.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "completion", help="Tab for bash, zsh and fish", description=__doc__, epilog=_EXAMPLES
    )
    parser.add_argument("shell", choices=SHELLS)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print the script."""
    print(script_for(args.shell))
    return 0

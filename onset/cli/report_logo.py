"""The logo that config.toml names, for the head of reports; a broken one costs the logo and not the report."""

from __future__ import annotations

import sys
from pathlib import Path

from onset.cli.find import load_config
from onset.errors import ConfigError, MediumError
from onset.text import safe_path, safe_text


def logo_of(production: Path) -> bytes | None:
    """The logo as a PNG; None where there is none. Why it is left out goes to standard error."""
    try:
        path = load_config(production).production.logo
    except ConfigError as error:
        print(f"onset: the logo is left out, if there is one: {safe_text(str(error))}", file=sys.stderr)
        return None
    if path is None:
        return None

    from onset.stills.logo import read_logo

    try:
        return read_logo(path)
    except MediumError as error:
        print(f"onset: the logo {safe_path(path)} is left out: {safe_text(str(error))}", file=sys.stderr)
        return None

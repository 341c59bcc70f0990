"""The logo that config.toml names, for the head of reports; a broken one costs the logo and not the report."""

from __future__ import annotations

import sys
from pathlib import Path

from onset.cli.find import load_config
from onset.errors import ConfigError, MediumError
from onset.text import safe_path, safe_text
from onset.toml import CONFIG_NAME


def logo_of(production: Path) -> bytes | None:
    """The logo as a PNG; None where there is none. Why it is left out goes to standard error."""
    try:
        path = load_config(production).production.logo
    except ConfigError as error:
        if _names_one(production):
            print(f"onset: the logo is left out: {safe_text(str(error))}", file=sys.stderr)
        return None
    if path is None:
        return None

    from onset.stills.logo import read_logo

    try:
        return read_logo(path)
    except MediumError as error:
        print(f"onset: the logo {safe_path(path)} is left out: {safe_text(str(error))}", file=sys.stderr)
        return None


def _names_one(production: Path) -> bool:
    """Whether a configuration that is wrong somewhere seems to name a logo; of one without nobody wants to hear."""
    try:
        return b"\nlogo" in (production / CONFIG_NAME).read_bytes()
    except OSError:
        return False

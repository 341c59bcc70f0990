"""Which kinds of device there are: ours and anybody's, from the entry-point group `onset.devices`.

Three costs: names import nothing, one kind imports its own module, all of them warn of those that are broken.
"""

from __future__ import annotations

import difflib
import warnings
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from devices.adapter import DeviceKind
from onset.errors import ConfigError, DeviceError
from onset.text import safe_text

GROUP = "onset.devices"


def _found() -> dict[str, EntryPoint]:
    return {point.name: point for point in entry_points(group=GROUP)}


def kinds() -> list[str]:
    """Names of the installed kinds. Imports no adapter."""
    return sorted(_found())


def load_kind(name: str) -> DeviceKind:
    """The kind of that name; imports its module alone.

    Raises:
        ConfigError: there is none of that name; says which there are.
        DeviceError: it is installed, but cannot be imported.
    """
    found = _found()
    if name not in found:
        near = difflib.get_close_matches(name, found, n=1)
        hint = f'did you mean "{near[0]}"?' if near else f"installed are {', '.join(sorted(found))}."
        raise ConfigError(f'[[device]] kind = "{safe_text(name)}" is not installed; {hint}')
    try:
        return cast(DeviceKind, found[name].load())
    except Exception as error:
        raise DeviceError(f'The device kind "{safe_text(name)}" cannot be used: {safe_text(str(error))}.') from error


def load_all() -> dict[str, DeviceKind]:
    """All kinds that can be imported; warns of each that cannot."""
    loaded: dict[str, DeviceKind] = {}
    for name in kinds():
        try:
            loaded[name] = load_kind(name)
        except DeviceError as error:
            warnings.warn(str(error), stacklevel=2)
    return loaded

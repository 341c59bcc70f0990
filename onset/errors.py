"""What can go wrong, as one small tree.

Every error that reaches a person is one sentence that names the thing and says what to do. A library's own exception
becomes one of these at the edge where it appears. `onset/cli` turns them into the sentence and the exit code.
"""

from __future__ import annotations


class OnsetError(Exception):
    """Base of all; `str()` is the sentence shown, `exit_code` what the command line returns."""

    exit_code: int = 1


class UsageError(OnsetError):
    """The command or the configuration is wrong; nothing was done."""

    exit_code = 2


class ConfigError(UsageError):
    """`config.toml` says something that cannot be: names the table and the key."""


class TimecodeError(OnsetError, ValueError):
    """A label or rate that no clock can show."""


class SlateError(OnsetError, ValueError):
    """A slate or take label that cannot be used."""


class LogError(OnsetError):
    """The log cannot be opened, read or written."""


class LogDiskError(LogError):
    """The disk under the log is full, gone, or takes no more writes; what was asked is not in the log.

    Attributes:
        full: it is only full, and everything written before can be read.
        what: what is the matter with the disk, for a sentence about something else ("the disk is full").
    """

    def __init__(self, sentence: str, *, full: bool, what: str) -> None:
        super().__init__(sentence)
        self.full = full
        self.what = what


class RefusedError(OnsetError):
    """What was asked for makes no sense as things stand (a cut with nothing rolling); nothing was changed.

    Attributes:
        take_id: the take that stands in the way (the one that rolls already), where there is one.
    """

    def __init__(self, sentence: str, take_id: str | None = None) -> None:
        super().__init__(sentence)
        self.take_id = take_id


class OverwrittenError(RefusedError):
    """An own edit cannot be taken back, because another seat has changed the same since.

    Attributes:
        seq: the own edit.
    """

    def __init__(self, sentence: str, take_id: str | None, seq: int) -> None:
        super().__init__(sentence, take_id)
        self.seq = seq


class DeviceError(OnsetError):
    """A device is missing, fails to open, or does not answer."""


class CaptureError(OnsetError):
    """The capture service cannot run or cannot be reached."""


class MediumError(OnsetError):
    """A disk or card gave up.

    Attributes:
        offset: bytes that were read or written before it did.
    """

    def __init__(self, sentence: str, offset: int = 0) -> None:
        super().__init__(sentence)
        self.offset = offset


class OffloadError(OnsetError):
    """An offload was refused before its first byte, or could not be carried on."""


class ManifestError(OnsetError):
    """A manifest or history is missing, altered or unreadable; exit codes are those of the ASC MHL reference tool."""

    def __init__(self, sentence: str, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code


class ReportError(OnsetError):
    """A report cannot be made."""


class ExportError(OnsetError):
    """An editorial file cannot be made."""


class ScriptError(OnsetError):
    """A script, a schedule or a shot list cannot be read."""

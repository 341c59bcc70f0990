"""Whether another process was suspended, as the system tells it with /proc and without."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

from onset.offload import suspended
from onset.offload.suspended import is_suspended, wake
from tests.needs import require


def test_process_that_runs_or_is_gone_is_called_suspended() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as process:
        assert not is_suspended(process.pid)
        process.send_signal(signal.SIGSTOP)
        os.waitpid(process.pid, os.WUNTRACED)
        assert is_suspended(process.pid)
        require("ps")
        assert suspended._state_of(process.pid) == "T", "as where there is no /proc"
        assert wake(process.pid)
        os.waitpid(process.pid, os.WCONTINUED)
        assert not is_suspended(process.pid)
        process.communicate(b"\n")
    assert not is_suspended(process.pid)
    assert not wake(process.pid)
    assert not is_suspended(0)

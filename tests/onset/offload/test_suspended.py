"""Whether another process was suspended, as the system tells it with /proc and without."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from onset.offload import suspended
from onset.offload.queue import deciding
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


def test_job_that_is_suspended_while_it_decides_holds_up_everybody(tmp_path: Path) -> None:
    """Every job and `onset jobs` itself need its lock: it is woken, and gives it back."""
    jobs = tmp_path / "jobs"
    asleep = """\
import os, signal, sys
from pathlib import Path
from onset.offload.queue import deciding
with deciding(Path(sys.argv[1])):
    os.kill(os.getpid(), signal.SIGSTOP)
"""
    with subprocess.Popen([sys.executable, "-c", asleep, jobs]) as process:
        os.waitpid(process.pid, os.WUNTRACED)
        with deciding(jobs):
            assert process.wait(20) == 0

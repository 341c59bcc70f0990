"""The repository's own promises: size, directions, what a command loads, what is written down."""

from __future__ import annotations

import ast
import importlib
import json
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from onset.cli.main import COMMANDS, module_of
from onset.config import parse_config
from tests.needs import require

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = {"onset", "devices", "logging_db", "tui"}
SOURCE = sorted(path for top in [*PACKAGES, "tests", "benchmarks"] for path in (ROOT / top).rglob("*.py"))

DATABASE = {"sqlalchemy", "pysqlite3", "sqlite3"}
PICTURE = {"av", "cv2"}
SOUND = {"pyaudio"}
SCREEN = {"textual"}
BUS = {"zmq"}
NUMBERS = {"numpy"}


def pyproject() -> dict[str, object]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text())


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in listed.stdout.decode().split("\0") if name and (path := ROOT / name).is_file()]


def test_file_grew_past_500_lines() -> None:
    lines = {str(path.relative_to(ROOT)): len(path.read_text().splitlines()) for path in SOURCE}
    assert {name: count for name, count in lines.items() if count > 500} == {}


def test_package_appears_at_the_top() -> None:
    found = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert found - {"tests", "benchmarks"} == PACKAGES
    hatch = pyproject()["tool"]
    assert set(hatch["hatch"]["build"]["targets"]["wheel"]["packages"]) == PACKAGES  # type: ignore[index]  # TOML


@pytest.mark.parametrize("package", sorted(PACKAGES))
def test_package_of_that_name_is_somebody_elses(package: str, tmp_path: Path) -> None:
    """`devices` and `tui` are general names; from anywhere, the installed one must be ours."""
    code = f"import {package}; print({package}.__file__ or list({package}.__path__)[0])"
    found = subprocess.run([sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert Path(found.stdout.strip()).resolve().is_relative_to(ROOT)


def test_module_without_its_two_lines() -> None:
    silent = [
        str(path.relative_to(ROOT))
        for path in SOURCE
        if path.stat().st_size and not ast.get_docstring(ast.parse(path.read_text()))
    ]
    assert silent == []


# -- what a command loads ---------------------------------------------------------------------------------------------


def loaded_by(arguments: list[str], folder: Path) -> set[str]:
    """Top-level modules in memory after a command, in a process of its own."""
    code = (
        "import json, sys\n"
        "from onset.__main__ import main\n"
        f"code = main({arguments!r})\n"
        "print(json.dumps([code, sorted({name.partition('.')[0] for name in sys.modules})]), file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    code, names = json.loads(done.stderr.splitlines()[-1])
    assert code == 0, done.stderr
    return set(names)


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("set") / "Harbour"
    subprocess.run(
        [sys.executable, "-m", "onset", "new", str(folder), "--title", "Harbour", "--rate", "25"], check=True, cwd=ROOT
    )
    return folder


@pytest.mark.parametrize(
    "arguments", [["--version"], ["--help"], ["offload", "--help"], ["verify", "--help"], ["export", "--help"]]
)
def test_looking_loads_the_house(arguments: list[str], tmp_path: Path) -> None:
    formats = {"lxml", "msgspec", "xxhash", "reportlab", "jinja2", "PIL", "argcomplete", "opentimelineio"}
    heavy = DATABASE | PICTURE | SOUND | SCREEN | BUS | NUMBERS | formats
    assert not heavy & loaded_by(arguments, tmp_path)


def test_version_reads_package_metadata(tmp_path: Path) -> None:
    assert "importlib.metadata" not in _modules_after(["--version"], tmp_path)


def _modules_after(arguments: list[str], folder: Path) -> set[str]:
    code = f"import sys\nfrom onset.__main__ import main\nmain({arguments!r})\nprint(*sys.modules, file=sys.stderr)"
    done = subprocess.run([sys.executable, "-c", code], cwd=folder, capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "unwanted"),
    [
        pytest.param(["log", "list", "--json"], PICTURE | SOUND | SCREEN | BUS | NUMBERS, id="log list"),
        pytest.param(["board", "--once"], PICTURE | SOUND | SCREEN | BUS | NUMBERS, id="board --once"),
        pytest.param(["log", "roll", "1"], PICTURE | SOUND | SCREEN | NUMBERS, id="log roll"),
        pytest.param(
            ["ltc", "write", "-o", "ltc.wav", "--rate", "25", "--start", "01:00:00:00", "--length", "50"],
            DATABASE | PICTURE | SOUND | SCREEN | BUS | {"lxml", "msgspec"},
            id="ltc write",
        ),
        pytest.param(
            ["ltc", "decode", "ltc.wav", "--json"],
            DATABASE | PICTURE | SOUND | SCREEN | BUS | {"lxml", "msgspec"},
            id="ltc decode",
        ),
        pytest.param(["devices", "--json"], PICTURE | SOUND | SCREEN | NUMBERS, id="devices"),
    ],
)
def test_command_loads_what_it_has_no_use_for(arguments: list[str], unwanted: set[str], production: Path) -> None:
    assert not unwanted & loaded_by(arguments, production)


def test_offload_and_verify_open_a_database_without_a_production(tmp_path: Path) -> None:
    card = tmp_path / "A001"
    card.mkdir()
    (card / "clip.mov").write_bytes(b"picture")
    unwanted = {"sqlalchemy", "pysqlite3"} | PICTURE | SOUND | SCREEN | BUS
    target = tmp_path / "target"
    target.mkdir()
    code = (
        "import sys\n"
        "from onset.__main__ import main\n"
        "from onset.offload.copy import Copier\n"
        "run = Copier.run\n"
        "def first(*card):\n"
        "    print(*sys.modules, file=sys.stderr)\n"
        "    run(*card)\n"
        "Copier.run = first\n"
        f"assert main({['offload', str(card), str(target), '--json']!r}) == 0\n"
        "print(*sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    before, offload = (set(line.split()) for line in done.stderr.splitlines())
    assert offload - before == set(), "loaded late: the program may be replaced while a card is copied"
    assert not {name.partition(".")[0] for name in offload} & unwanted
    assert not offload & {
        *("onset.logbook", "onset.config", "onset.domain.camera", "onset.offload.cascade", "onset.offload.which_card"),
        *("onset.camera.original", "onset.camera.sidecar", "onset.cards.lists", "onset.cards.last"),
        *("pathspec", "tomllib", "difflib", "statistics", "secrets", "platform", "socket"),
    }
    assert not unwanted & loaded_by(["verify", str(target / "A001"), "--json"], tmp_path)


# -- what is written down ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", COMMANDS)
def test_command_in_the_help_does_not_exist(name: str) -> None:
    module = importlib.import_module(module_of(name))
    assert callable(module.add_parser)
    assert callable(module.run)


def test_command_exists_that_the_help_hides() -> None:
    """Every file of onset/cli that offers a command is in the table."""
    offered = {
        f"onset.cli.{path.stem}"
        for path in (ROOT / "onset/cli").glob("*.py")
        if "def add_parser(" in path.read_text() and path.stem != "main"
    }
    assert offered == {module_of(name) for name in COMMANDS}


def test_version_is_written_twice_and_differs() -> None:
    from onset import __version__

    project = pyproject()["project"]
    assert project["version"] == __version__  # type: ignore[index]  # TOML


def test_entry_point_names_a_class_that_is_not_there() -> None:
    groups = pyproject()["project"]["entry-points"]  # type: ignore[index]  # TOML
    for target in groups["onset.devices"].values():
        module, _, name = target.partition(":")
        assert isinstance(getattr(importlib.import_module(module), name), type), target


def test_dependency_without_a_reason() -> None:
    readme = (ROOT / "README.md").read_text()
    project = pyproject()["project"]
    extras = project["optional-dependencies"]  # type: ignore[index]  # TOML
    names = ("audio", "editorial", "test")
    extra = [one for name in names for one in extras[name] if not one.startswith("onset[")]
    for requirement in [*project["dependencies"], *extra]:  # type: ignore[index]  # TOML
        name = re.split(r"[<>=; ]", requirement)[0]
        assert re.search(rf"\b{re.escape(name)}\b", readme), f"README does not say why {name}"
        assert re.search(rf"^{re.escape(name)}==", (ROOT / "constraints.txt").read_text(), re.M), (
            f"no version of {name}"
        )


def test_readme_tells_of_a_command_that_is_not_there() -> None:
    readme = (ROOT / "README.md").read_text()
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.M))
    assert set(re.findall(r"(?:^    |`)make ([a-z-]+)", readme, re.M)) <= targets
    assert set(re.findall(r"(?:^    |`|bin/)onset ([a-z]+)", readme, re.M)) <= set(COMMANDS)


def test_link_leads_nowhere() -> None:
    for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), f"{page.name}: {link}"


def test_page_of_faults_names_a_test_that_is_not_there() -> None:
    named = re.findall(r"`([a-z_/]+\.py)`", (ROOT / "docs" / "faults.md").read_text())
    assert len(named) > 30
    for path in named:
        assert (ROOT / "tests" / path).exists() or (ROOT / path).exists(), path


def test_example_configuration_is_refused() -> None:
    config = parse_config((ROOT / "config.toml").read_text(), ROOT)
    kinds = set(pyproject()["project"]["entry-points"]["onset.devices"])  # type: ignore[index]  # TOML
    assert {device.kind for device in config.devices} <= kinds


def test_lock_holds_an_address() -> None:
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert line.startswith("#") or re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line), line


def test_file_names_a_machine_or_a_registry() -> None:
    """A path of the machine it was written on, or the host packages came from, in a file everybody gets."""
    machine = re.compile(rb"/wor" + rb"k/|/ho" + rb"me/[a-z]|/tm" + rb"p/[a-z]|/ro" + rb"ot/")
    host = re.compile(rb"https?://[^\s\"'<>)]*(?:pyp" + rb"i|simple/|artifactory|nexus|devpi)[^\s\"'<>)]*")
    for path in tracked():
        if path.suffix in {".py", ".toml", ".md", ".txt", ".cfg", ""} and "data" not in path.relative_to(ROOT).parts:
            content = path.read_bytes()
            assert not host.search(content), path
            assert path.suffix == ".py" or not machine.search(content), path  # tests try paths of all kinds


def test_licence_is_missing() -> None:
    assert (ROOT / "LICENSE").read_text().startswith("MIT License")


def test_old_python_ends_in_a_traceback(tmp_path: Path) -> None:
    require("make")
    old = tmp_path / "python3"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    venv = tmp_path / "venv"
    for python in (str(old), ""):
        command = ["make", f"VENV={venv}", f"PYTHON={python}", f"{venv}/.set-up"]
        alone = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        done = subprocess.run(command, cwd=ROOT, env=alone, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert done.stdout.startswith("onset needs Python 3.11 or newer")
        assert done.stdout.count("\n") == 1
        assert not venv.exists()

"""`python manage.py` in the hands of somebody who has not read anything."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

MANAGE = Path(__file__).parent.parent.parent / "manage.py"


def run(folder: Path) -> subprocess.CompletedProcess:
    """manage.py in `folder`, by a Python that knows no libraries."""
    return subprocess.run(
        [sys.executable, "-S", str(folder / "manage.py"), "version"],
        capture_output=True, text=True, cwd=folder, timeout=60,
    )  # fmt: skip


@pytest.fixture
def folder(tmp_path):
    shutil.copy(MANAGE, tmp_path)
    return tmp_path


def test_without_an_installation_it_says_what_to_do_first(folder):
    done = run(folder)

    assert done.returncode == 1
    assert "First: make install" in done.stderr


def test_with_one_it_goes_on_there(folder):
    python = folder / ".venv" / "bin" / "python"
    python.parent.mkdir(parents=True)
    python.write_text('#!/bin/sh\necho "in the environment: $*"\n')
    python.chmod(0o755)

    assert "in the environment: " + str(folder / "manage.py") + " version" in run(folder).stdout


def test_the_first_command_finds_its_tables(tmp_path):
    ours = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}

    done = subprocess.run(
        [sys.executable, MANAGE, "create_creator", "band", "--email=me@example.org",
         "--currency=GBP"],
        capture_output=True, text=True, timeout=120, env=ours | {"TRUEFANS_HOME": str(tmp_path)},
    )  # fmt: skip

    assert "@band: 1,000 people" in done.stdout, done.stderr

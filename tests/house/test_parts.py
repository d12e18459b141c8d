import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from tests.house.homes import await_that, living
from truefans.parts import Ended, Parts, belongs_to, end_leftovers

STUBBORN = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], start_new_session=True)
print("says something", flush=True)
time.sleep(60)
"""
MODULES = {
    "stubborn": STUBBORN,
    "obedient": "import time; print('waits', flush=True); time.sleep(60)",
    "quick": "print('is done')",
    "failing": "raise SystemExit(3)",
}


@pytest.fixture
def parts(tmp_path):
    for name, text in MODULES.items():
        (tmp_path / f"{name}.py").write_text(text)
    parts = Parts(tmp_path, dict(os.environ), cwd=tmp_path)
    yield parts
    parts.stop()


def test_what_parts_say_is_shown_under_their_names(parts, capsys):
    parts.start("one", "obedient")
    parts.send("two", "quick")
    await_that(parts.are_done)
    parts.stop()
    assert sorted(capsys.readouterr().out.splitlines()) == ["    one │ waits", "    two │ is done"]


def test_a_part_that_ends_by_itself_is_named(parts):
    parts.start("good", "obedient")
    parts.start("bad", "failing")
    with pytest.raises(Ended, match=r"^The bad ended by itself with status 3\.$"):
        await_that(lambda: parts.are_done() and False)


def test_a_part_is_not_to_end_even_when_it_ends_well(parts):
    parts.start("brief", "quick")
    with pytest.raises(Ended, match=r"^The brief ended by itself with status 0\.$"):
        await_that(lambda: parts.are_done() and False)


def test_an_errand_that_fails_is_named(parts):
    parts.send("good", "quick")
    parts.send("bad", "failing")
    with pytest.raises(Ended, match="The step “bad” failed with status 3"):
        await_that(parts.are_done)


def test_errands_are_done_when_all_ended_well(parts):
    parts.send("one", "quick")
    parts.send("two", "obedient")
    time.sleep(0.5)
    assert not parts.are_done()


def test_stopping_ends_the_stubborn_and_their_children_too(parts, tmp_path, monkeypatch):
    monkeypatch.setattr("truefans.parts.GOODBYE", ((signal.SIGTERM, 1), (signal.SIGKILL, 1)))
    parts.start("obedient", "obedient")
    parts.start("stubborn", "stubborn")
    await_that(lambda: len(belonging_to(tmp_path)) == 3)
    parts.stop()
    assert parts.parts["obedient"].returncode == -signal.SIGTERM
    assert parts.parts["stubborn"].returncode == -signal.SIGKILL
    assert belonging_to(tmp_path) == []


def test_leftovers_of_this_home_are_ended_and_nobody_elses(tmp_path):
    def sleeper(home: str) -> subprocess.Popen:
        return subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(60)"],
            env=os.environ | {"TRUEFANS_RUN": home},
        )

    ours, theirs = sleeper(str(tmp_path)), sleeper(f"{tmp_path}-other")
    end_leftovers(tmp_path)
    assert ours.wait(timeout=5) == -signal.SIGTERM
    assert theirs.poll() is None
    theirs.kill()
    theirs.wait()


def belonging_to(home: Path) -> list[psutil.Process]:
    return living([process for process in psutil.process_iter() if belongs_to(home, process)])

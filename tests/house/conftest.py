"""Homes of their own, and processes that use them."""

import shutil
import signal
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.house.homes import User, await_that, servers_of


@pytest.fixture(scope="session")
def new_database(tmp_path_factory) -> Path:
    """A data folder as it is after the set-up, which takes most of the time of a first start."""
    home = tmp_path_factory.mktemp("new")
    User(home).leave()
    return home / "postgres"


@pytest.fixture
def make_home(new_database) -> Iterator[Callable[..., Path]]:
    """Makes homes in short paths, and sees that nothing runs in them at the end."""
    top = Path(tempfile.mkdtemp(prefix="tfh-", dir="/tmp")).resolve()
    homes = []

    def make(name: str = "home", *, empty: bool = False) -> Path:
        homes.append(top / name)
        if not empty:
            homes[-1].mkdir()
            subprocess.run(["cp", "-a", new_database, homes[-1] / "postgres"], check=True)
        return homes[-1]

    yield make
    try:
        for home in homes:
            await_that(lambda home=home: not servers_of(home))
    finally:
        for home in homes:
            for process in servers_of(home):
                process.send_signal(signal.SIGQUIT)
        shutil.rmtree(top, ignore_errors=True)


@pytest.fixture
def home(make_home) -> Path:
    return make_home()


@pytest.fixture
def empty_home(make_home) -> Path:
    """A home that nobody has used yet; its folder is not there."""
    return make_home(empty=True)


@pytest.fixture
def enter() -> Iterator[Callable[..., User]]:
    """Lets a new process use the servers of a home."""
    users = []

    def enter(home: Path, **environment: str) -> User:
        users.append(User(home, **environment))
        return users[-1]

    yield enter
    for user in users:
        if user.process.poll() is None:
            user.kill()

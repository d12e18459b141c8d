"""The import against dj-stripe's, from the same server into the same PostgreSQL, charge by charge.

dj-stripe needs an older Stripe SDK than TrueFans, so it lives in an environment of its own: made
when it is first asked for, in `var/`, from the pinned names in requirements.txt.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from bench.importing import check_all_is_there, fresh_source, recompute, store
from bench.ratio import Medians, NotMeasured, Ratio, Row
from bench.server import PROJECT, serving

HERE = Path(__file__).resolve().parent
ENVIRONMENT = PROJECT / "var" / "bench" / "dj-stripe"
PYTHON = ENVIRONMENT / "bin" / "python"
DATABASE = "dj_stripe"


def ratios(*, quick: bool) -> Iterator[Row]:
    charges, few, rounds = (4_000, 200, 3) if quick else (20_000, 400, 5)
    what = f"import of {charges:,} charges: times as fast a charge"
    try:
        _install()
    except (OSError, subprocess.CalledProcessError) as error:
        yield NotMeasured(what, f"dj-stripe could not be installed ({_last_words(error)})")
        return
    _create_database()
    took = Medians()
    with serving(charges=charges) as ours, serving(charges=few) as theirs:
        for _ in range(rounds):
            took.add("dj-stripe", _sync(theirs.url, few))
            source = fresh_source(ours)
            took.time("ours", store, source)
            recompute(source)
            check_all_is_there(charges)
    speed = few / took["dj-stripe"]
    yield Ratio(
        what,
        f"dj-stripe 2.11, {speed:.0f} charges a second",
        charges / took["ours"] / speed,
        100,
        took["ours"],
        at_least=True,
    )


def _install() -> None:
    """Make the environment, unless it is there with just these packages."""
    pinned = (HERE / "requirements.txt").read_text()
    installed = ENVIRONMENT / "installed.txt"
    if installed.exists() and installed.read_text() == pinned:
        return
    _run([sys.executable, "-m", "venv", "--clear", str(ENVIRONMENT)])
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    _run([*pip, "--requirement", str(HERE / "requirements.txt")])
    installed.write_text(pinned)


def _create_database() -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")


def _sync(url: str, charges: int) -> float:
    """The seconds in which dj-stripe stores all `charges` of the server into an empty database."""
    database = connection.get_connection_params()
    server = {"PGHOST": database.get("host", ""), "PGUSER": database.get("user", "")}
    done = _run([str(PYTHON), str(HERE / "project.py"), url], os.environ | server)
    seconds, stored = done.stdout.split()[-2:]
    if int(stored) != charges:
        raise RuntimeError(f"dj-stripe stored {stored} of {charges} charges: {done.stderr}")
    return float(seconds)


def _run(
    command: list[str], environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True)


def _last_words(error: OSError | subprocess.CalledProcessError) -> str:
    said = (getattr(error, "stderr", "") or str(error)).strip()
    return said.splitlines()[-1]

#!/usr/bin/env python
"""Django's commands, with the embedded PostgreSQL and Valkey where nobody named others."""

import os
import sys
from importlib.util import find_spec
from pathlib import Path


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
    from truefans import embedded

    is_ours = not {"DATABASE_URL", "DATABASE_URL_FILE"} & os.environ.keys()
    try:
        embedded.ensure()
    except embedded.Unavailable as problem:
        sys.exit(str(problem))

    from django.core.management import execute_from_command_line

    from truefans.prepare import furnish

    if is_ours:
        furnish()

    try:
        execute_from_command_line(sys.argv)
    except BrokenPipeError:  # whoever read what we wrote, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def enter_environment() -> None:
    """Go on in `.venv`, which `make install` makes, when called by a Python without Django."""
    python = Path(__file__).resolve().parent / ".venv" / "bin" / "python"
    if find_spec("django") is None:
        if not python.exists():
            sys.exit("TrueFans is not installed yet. First: make install")
        os.execv(python, [str(python), *sys.argv])  # noqa: S606


if __name__ == "__main__":
    enter_environment()
    main()

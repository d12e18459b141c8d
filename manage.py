#!/usr/bin/env python
"""Django's commands, with the embedded PostgreSQL and Valkey where nobody named others."""

import os
import sys

from truefans import embedded


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "truefans.settings")
    try:
        embedded.ensure()
    except embedded.Unavailable as problem:
        sys.exit(str(problem))

    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except BrokenPipeError:  # whoever read what we wrote, such as `head`, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


if __name__ == "__main__":
    main()

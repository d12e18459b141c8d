"""What a run on one machine does to its data before it starts: `python -m truefans.prepare`."""

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection


def furnish() -> None:
    """Make the tables of a database that was started for the first time just now."""
    django.setup()
    if "django_migrations" not in connection.introspection.table_names():
        call_command("migrate", interactive=False, verbosity=0)


def main() -> None:
    """Apply the migrations and make the demo, in one process: loading Django takes longest."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMO:
        call_command("prepare_demo")


if __name__ == "__main__":
    main()

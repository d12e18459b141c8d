"""What a run on one machine does to its data before it starts: `python -m truefans.prepare`."""

import django
from django.conf import settings
from django.core.management import call_command


def main() -> None:
    """Apply the migrations and make the demo, in one process: loading Django takes longest."""
    django.setup()
    call_command("migrate", interactive=False, verbosity=0)
    if settings.DEMO:
        call_command("prepare_demo")


if __name__ == "__main__":
    main()

"""Encrypt by the first of FIELD_ENCRYPTION_KEYS whatever another one encrypted.

It may run beside everything else, and as often as one likes.
"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from supporters.encrypting import encrypt_again


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        done = encrypt_again()
        self.stdout.write(
            f"{done.again:,} secrets encrypted again, {done.already:,} were by the first key."
        )
        if done.unreadable:
            raise CommandError(
                "No key can read these; keep the old keys until you know why:\n"
                + "\n".join(done.unreadable)
            )
        self.stdout.write("The other keys are needed no more.")

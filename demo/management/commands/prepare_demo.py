from typing import Any

from django.core.management.base import BaseCommand

from demo.cast import ACCOUNTS, prepare


class Command(BaseCommand):
    help = "Make the demo's accounts and creators, where they are not there yet."

    def handle(self, *args: Any, **options: Any) -> None:
        prepare()
        for who, email in ACCOUNTS.items():
            self.stdout.write(f"{who}: {email}")

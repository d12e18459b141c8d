"""The smallest Django project with dj-stripe: syncs a server's charges once, as documented.

    DJ-STRIPE'S PYTHON project.py http://127.0.0.1:…

Runs in dj-stripe's own environment, on the database that PGHOST and PGUSER lead to. Prints the
seconds that the sync took and how many charges there are then.
"""

import sys
import time

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connection

DATABASE = "dj_stripe"
KEY = "sk_test_" + "0" * 24  # the server knows it; dj-stripe insists on this form


def main(url: str) -> None:
    settings.configure(
        DATABASES={"default": {"ENGINE": "django.db.backends.postgresql", "NAME": DATABASE}},
        DJSTRIPE_FOREIGN_KEY_TO_FIELD="id",
        INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "djstripe"],
        STRIPE_API_HOST=url,
        STRIPE_LIVE_MODE=False,
        STRIPE_TEST_SECRET_KEY=KEY,
        USE_TZ=True,
    )
    django.setup()
    call_command("migrate", verbosity=0)
    call_command("flush", verbosity=0, interactive=False)
    begin = time.perf_counter()
    call_command("djstripe_sync_models", "Charge", "Refund", api_keys=[KEY], fail_on_error=True)
    seconds = time.perf_counter() - begin
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM djstripe_charge")
        print(seconds, *cursor.fetchone())


if __name__ == "__main__":
    main(sys.argv[1])

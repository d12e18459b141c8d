"""Make a creator, and the account of the one who owns them if there is none."""

from argparse import ArgumentParser
from typing import Any

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.urls import reverse

from fans.identity import normalise_email
from fans.models import Creator, User
from truefans.money import NotMoney, display, legal_tender, to_minor


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("handle", help="small letters, digits and hyphens")
        parser.add_argument("--email", required=True, help="where the sign-in codes are sent")
        parser.add_argument("--currency", required=True, help="ISO code, such as GBP")
        parser.add_argument("--name", help="how the creator is called (default: the handle)")
        parser.add_argument("--time-zone", default="UTC", help="such as Europe/London")
        parser.add_argument("--target-count", type=int, default=1000)
        parser.add_argument("--target-spend", default="100.00", help="in the currency")
        parser.add_argument("--window-months", type=int, default=12)
        parser.add_argument("--counts", choices=Creator.Counts.values, default="gross")

    def handle(self, *args: Any, **options: Any) -> None:
        email = normalise_email(options["email"])
        if not email:
            raise CommandError(f"“{options['email']}” is not an e-mail address.")
        currency = options["currency"].upper()
        if currency not in legal_tender():
            raise CommandError(f"“{options['currency']}” is no currency that one can pay with.")
        try:
            creator = Creator(
                handle=options["handle"].removeprefix("@"),
                name=options["name"] or options["handle"],
                currency=currency,
                time_zone=options["time_zone"],
                target_count=options["target_count"],
                target_spend=to_minor(options["target_spend"], currency),
                window_months=options["window_months"],
                counts=options["counts"],
            )
            creator.full_clean(exclude=["owner"])
        except (NotMoney, ValidationError) as error:
            raise CommandError(_sentence(error)) from None
        with transaction.atomic():
            creator.owner = _owner(email)
            creator.save()
            creator.create_default_tiers()
        goal = display(creator.goal, currency, cents=False)
        self.stdout.write(
            f"@{creator.handle}: {creator.target_count:,} people × "
            f"{display(creator.target_spend, currency, cents=False)} = {goal} in "
            f"{creator.window_months} months, owned by {email}.\n"
            f"Sign in with that address at {settings.PUBLIC_URL}{reverse('account_login')}, by a "
            "code that is mailed to it."
        )


def _owner(email: str) -> User:
    """The account of `email`, which counts as confirmed: whoever has the shell may say so."""
    user = User.objects.filter(email__iexact=email).first() or User.objects.create_user(email)
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user


def _sentence(error: NotMoney | ValidationError) -> str:
    if isinstance(error, NotMoney):
        return str(error)
    return " ".join(
        f"{field.replace('_', ' ')}: {' '.join(messages)}"
        for field, messages in error.message_dict.items()
    )

"""Who there is in the demo: two creators, one fan, an admin. Their payments are the sandbox's."""

from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import make_password

from fans.models import Creator, User

BAND = "band@demo.example"
LETTERS = "marguerite@demo.example"
ADMIN = "admin@demo.example"
#: The address of a person in the band's story; tests hold it equal to the sandbox's own.
FAN = "zoe.whitlock@example.com"

#: The door somebody enters by, and whose account lies behind it.
ACCOUNTS = {"band": BAND, "letters": LETTERS, "fan": FAN, "admin": ADMIN}


def prepare() -> None:
    """Make whatever of the demo's accounts and creators is not there yet."""
    account(FAN)
    account(ADMIN, is_staff=True, is_superuser=True)
    creator(
        handle="lantern-quarter",
        owner=account(BAND),
        name="The Lantern Quarter",
        about=(
            "Four people, two vans and a brass section that comes and goes. We play in rooms where"
            " we can see every face, and press our records ourselves. If you have been to three of"
            " our evenings you probably know the dog."
        ),
        currency="GBP",
        time_zone="Europe/London",
        target_count=1000,
        target_spend=100_00,
    )
    creator(
        handle="marguerite",
        owner=account(LETTERS),
        name="Marguerite Aubert",
        about=(
            "Every second Sunday I write a letter by hand: from a garden, a train, a kitchen. A"
            " hundred friends who read along are all it takes to keep the ink flowing."
        ),
        fan_word="friend",
        fans_word="friends",
        currency="EUR",
        time_zone="Europe/Paris",
        target_count=100,
        target_spend=60_00,
    )


def account(email: str, **rights: bool) -> User:
    """The account of `email`, which counts as confirmed; it has no password."""
    user, _created = User.objects.get_or_create(
        email=email, defaults={"password": make_password(None), **rights}
    )
    EmailAddress.objects.update_or_create(
        user=user, email=email, defaults={"verified": True, "primary": True}
    )
    return user


def creator(*, handle: str, **fields: object) -> Creator:
    found, created = Creator.objects.get_or_create(handle=handle, defaults=fields)
    if created:
        found.create_default_tiers()
    return found

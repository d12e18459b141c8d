"""Keys are rotated: what rests encrypted is encrypted again, and the old key can go."""

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken
from django.core.management import CommandError, call_command

from revenue.models import Inbox, Source
from supporters import encrypting
from tests.factories import InboxFactory, SourceFactory, UserFactory

pytestmark = pytest.mark.django_db
OLD, NEW, LOST = (Fernet.generate_key().decode() for _ in range(3))
DONE = "The other keys are needed no more.\n"


@pytest.fixture
def old(settings):
    """A connected account, an inbox and a user's second step, of the time of the old key."""
    settings.FIELD_ENCRYPTION_KEYS = [OLD]
    encrypt = get_adapter().encrypt
    SourceFactory(key="rk_test_first", webhook_secrets="whsec_first")
    SourceFactory(key="", webhook_secrets="")
    InboxFactory(source__key="", address="an-address", secret="a token")
    for kind, data in {
        "totp": {"secret": encrypt("ABCD")},
        "recovery_codes": {"seed": encrypt("a seed"), "used_mask": 5},
        "webauthn": {"name": "My telephone", "credential": {"id": "x"}},
    }.items():
        Authenticator.objects.create(user=UserFactory(), type=kind, data=data)


@pytest.fixture
def run(settings, capsys):
    def run(*keys: str) -> str:
        settings.FIELD_ENCRYPTION_KEYS = [*keys]
        call_command("encrypt_again")
        return capsys.readouterr().out

    return run


def test_what_the_old_key_encrypted_is_read_without_it_afterwards(old, run, settings, monkeypatch):
    monkeypatch.setattr(encrypting, "BATCH", 1)
    assert run(NEW, OLD) == f"6 secrets encrypted again, 0 were by the first key.\n{DONE}"
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    sources = Source.objects.filter(kind="stripe").order_by("pk")
    kept = [(source.key, source.webhook_secrets) for source in sources]
    assert kept == [("rk_test_first", "whsec_first"), ("", "")]
    inbox = Inbox.objects.get()
    assert (inbox.address, inbox.secret) == ("an-address", "a token")
    data = dict(Authenticator.objects.values_list("type", "data"))
    decrypt = get_adapter().decrypt
    assert decrypt(data["totp"]["secret"]) == "ABCD"
    assert decrypt(data["recovery_codes"]["seed"]) == "a seed"
    assert data["recovery_codes"]["used_mask"] == 5
    assert data["webauthn"] == {"name": "My telephone", "credential": {"id": "x"}}


def test_without_it_the_old_key_is_still_needed(old, settings):
    settings.FIELD_ENCRYPTION_KEYS = [NEW]

    with pytest.raises(InvalidToken):
        list(Source.objects.all())


def test_what_is_encrypted_by_the_first_key_stays_as_it_is(old, run):
    run(NEW, OLD)
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))

    assert run(NEW, OLD) == f"0 secrets encrypted again, 6 were by the first key.\n{DONE}"
    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before


def test_what_no_key_can_read_is_named_and_left_as_it_is_and_the_rest_is_done(old, run, settings):
    settings.FIELD_ENCRYPTION_KEYS = [LOST]
    lost = SourceFactory(key="rk_test_lost", webhook_secrets="")

    with pytest.raises(CommandError, match=f"revenue.Source {lost.pk}, key"):
        run(NEW, OLD)

    settings.FIELD_ENCRYPTION_KEYS = [NEW, LOST]
    assert Source.objects.get(pk=lost.pk).key == "rk_test_lost"
    assert Inbox.objects.get().secret == "a token"

"""Everything that rests encrypted, encrypted by the first of the keys, so that others can go.

Rows are locked while they are looked at, some at a time: what workers and pages store meanwhile
is not written over.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.models import Authenticator
from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import transaction
from django.db.models import Model, QuerySet, TextField, Value
from django.db.models.functions import Cast

from revenue.secrets import EncryptedTextField, by_first_key

#: Rows that are locked at a time.
BATCH = 500
#: What of an authenticator's data allauth has encrypted; a list of it, too.
ENCRYPTED = ("secret", "seed", "migrated_codes")


@dataclass(slots=True)
class Encrypted:
    """How many secrets were encrypted again and how many need not be, and where those are that
    none of the keys can read."""

    again: int = 0
    already: int = 0
    unreadable: list[str] = field(default_factory=list)

    def take(self, token: Any, *, where: str) -> Any:
        """`token`, or each in a list of them, by the first key; as it was if it is unreadable."""
        if isinstance(token, list):
            return [self.take(one, where=where) for one in token]
        try:
            new = by_first_key(token)
        except InvalidToken:
            self.unreadable.append(where)
            return token
        self.again += new != token
        self.already += new == token
        return new


def encrypt_again() -> Encrypted:
    """Encrypt by the first key what another encrypted, in every model and for every user."""
    done = Encrypted()
    for model in apps.get_models():
        columns = [f.name for f in model._meta.concrete_fields if isinstance(f, EncryptedTextField)]
        if columns:
            _columns(model, columns, done)
    _authenticators(done)
    return done


def _columns(model: type[Model], columns: list[str], done: Encrypted) -> None:
    """As they rest: the field would decrypt them, and encrypt whatever is saved."""
    resting = {f"resting_{column}": Cast(column, TextField()) for column in columns}
    for row in _locked(model._base_manager.annotate(**resting).values("pk", *resting)):
        tokens = {column: row[f"resting_{column}"] for column in columns}
        new = {
            column: done.take(token, where=f"{model._meta.label} {row['pk']}, {column}")
            for column, token in tokens.items()
            if token
        }
        if new != {column: tokens[column] for column in new}:
            values = {column: Value(token, TextField()) for column, token in new.items()}
            model._base_manager.filter(pk=row["pk"]).update(**values)


def _authenticators(done: Encrypted) -> None:
    for row in _locked(Authenticator.objects.values("pk", "data")):
        new = row["data"] | {
            name: done.take(token, where=f"{Authenticator._meta.label} {row['pk']}, {name}")
            for name, token in row["data"].items()
            if name in ENCRYPTED
        }
        if new != row["data"]:
            Authenticator.objects.filter(pk=row["pk"]).update(data=new)


def _locked(rows: QuerySet[Any, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    last = 0
    while True:
        with transaction.atomic():
            batch = list(rows.filter(pk__gt=last).order_by("pk").select_for_update()[:BATCH])
            yield from batch
        if len(batch) < BATCH:
            return
        last = batch[-1]["pk"]

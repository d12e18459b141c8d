"""Owners are told one by one; and codes are kept encrypted instead of following from `SECRET_KEY`."""

from base64 import urlsafe_b64encode
from hashlib import sha256

import django.contrib.postgres.fields
import django.utils.timezone
from django.db import migrations, models
from django.utils.crypto import salted_hmac

import revenue.secrets


def keep_codes(apps, _editor):
    """Keep the codes that still hold. One that has followed from another key cannot be shown any
    more: it ends, so that the till offers another."""
    now = django.utils.timezone.now()
    claims = apps.get_model("revenue", "Claim").objects.filter(claimed_at=None, expires_at__gt=now)
    for claim in claims.iterator():
        made = salted_hmac("revenue.claim", claim.seed, algorithm="sha256").digest()[:16]
        code = urlsafe_b64encode(made).decode().rstrip("=")
        if sha256(code.encode()).hexdigest() == claim.digest:
            claim.code = code
        else:
            claim.expires_at = now
        claim.save(update_fields=["code", "expires_at"])


def end_codes(apps, _editor):
    """They follow from no seed."""
    claims = apps.get_model("revenue", "Claim").objects.filter(claimed_at=None)
    claims.update(expires_at=django.utils.timezone.now())


class Migration(migrations.Migration):

    dependencies = [
        ('revenue', '0018_group_by_person_and_currency'),
    ]

    operations = [
        migrations.AddField(
            model_name='departure',
            name='due_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
            preserve_default=False,
        ),
        migrations.AddField(
            model_name='departure',
            name='tries',
            field=models.PositiveSmallIntegerField(default=0),
        ),
        migrations.AddField(
            model_name='departure',
            name='told',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), default=list, size=None),
        ),
        migrations.AlterField(
            model_name='departure',
            name='told_at',
            field=models.DateTimeField(help_text='When the last of the owners was written to.', null=True),
        ),
        migrations.AddField(
            model_name='claim',
            name='code',
            field=revenue.secrets.EncryptedTextField(default=''),
            preserve_default=False,
        ),
        migrations.RunPython(keep_codes, end_codes),
        # With a default, the column can be put back.
        migrations.AlterField(
            model_name='claim',
            name='seed',
            field=models.CharField(default='', max_length=32),
        ),
        migrations.RemoveField(
            model_name='claim',
            name='seed',
        ),
    ]

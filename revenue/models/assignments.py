"""Whose a payment is where only the creator can know."""

from django.db import models

from fans.models import Creator, Fan, User
from revenue.models.sources import Source


class Assignment(models.Model):
    """The creator said by hand whose a payment is; it holds however often the payment is read.

    `external_id` is that of the payment, within its source.
    """

    creator = models.ForeignKey(Creator, models.CASCADE, related_name="assignments", db_index=False)
    source = models.ForeignKey(
        Source, models.CASCADE, related_name="assignments", db_index=False, db_constraint=False
    )
    external_id = models.TextField()
    fan = models.ForeignKey(
        Fan, models.CASCADE, related_name="assignments", db_index=False, db_constraint=False
    )
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_id"], name="payment_is_assigned_once"
            ),
        ]
        indexes = [models.Index(fields=["creator", "fan"], name="assignment_by_fan")]

    def __str__(self) -> str:
        return self.external_id

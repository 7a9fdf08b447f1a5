"""`AuditEntry`: who did what, when, from where. Append-only; `people.audit` writes it and chains it."""

from django.db import models

from people.tenancy import Tenancy
from people.vault import SealedJSONField, SealedQuerySet


class AuditEntry(models.Model):
    """One thing that somebody did.

    `detail` is ciphertext under the data key of who did it: `{"from": address, "before": {…}, "after": {…}}`, without
    any personal datum of others (of personal fields it says only that they changed; people are named by their ids).
    Erasing a person destroys that key; the ciphertext, and with it the chain, stays. `seq` and `hash` are given after
    commit by one sealer, in the order of `seq`; `hash` covers the one before it and every column but these two.
    Ids are plain numbers, not foreign keys: what is deleted later stays in the chain.
    """

    at = models.DateTimeField()
    actor_id = models.BigIntegerField(null=True, help_text="User; empty: a command, the schedule, or nobody known.")
    action = models.CharField(max_length=60, help_text="What was done: customer.changed, order.approved.")
    object_type = models.CharField(max_length=30, blank=True)
    object_id = models.BigIntegerField(null=True)
    customer_id = models.BigIntegerField(null=True, help_text="The customer concerned, if any.")
    data_key = models.ForeignKey("people.DataKey", null=True, on_delete=models.PROTECT, related_name="+")
    detail = SealedJSONField(default=dict, owned=True)
    seq = models.BigIntegerField(null=True, unique=True, help_text="Its place in the chain; empty: not sealed yet.")
    hash = models.CharField(max_length=64, blank=True)

    objects = SealedQuerySet.as_manager()
    tenancy = Tenancy()
    personal_key = "data_key"

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["-at"], name="audit_at"),
            models.Index(fields=["customer_id", "-at"], name="audit_of_customer"),
            models.Index(fields=["actor_id", "-at"], name="audit_of_actor"),
            models.Index(fields=["object_type", "object_id"], name="audit_of_object"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"

"""`AuditEntry`: who did what, when, from where. `people.audit` writes it, `people.audit_sealing` chains it.

Append-only: the database itself refuses to change or delete a row (migration 0006), but for the sealer's two columns.
"""

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
            models.Index(fields=["action", "-at"], name="audit_of_action"),
            models.Index(fields=["id"], condition=models.Q(seq=None), name="audit_unsealed"),
        ]

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class AuditChain(models.Model):
    """The one row (`ONLY`) of what the chain is at: sealers wait for its lock. `data_key` seals what nobody did."""

    ONLY = 1

    last_seq = models.BigIntegerField(default=0)
    last_hash = models.CharField(max_length=64, blank=True)
    data_key = models.OneToOneField("people.DataKey", on_delete=models.PROTECT, related_name="+")

    tenancy = Tenancy()

    def __str__(self) -> str:
        return f"audit as far as {self.last_seq}"

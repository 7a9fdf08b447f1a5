"""Refusals in Zadarma's words may name people: they are sealed like the papers."""

from django.db import migrations, models

import people.vault
from people.vault import seal, unseal

MODELS = ("order",)


def _each(apps, change):
    for name in MODELS:
        model = apps.get_model("numbers", name)
        for pk, error in model.objects.exclude(error="").values_list("pk", "error").iterator():
            model.objects.filter(pk=pk).update(error=change(error))


def seal_all(apps, schema_editor):
    """Encrypt what stands there in clear."""
    _each(apps, seal)


def unseal_all(apps, schema_editor):
    """The way back."""
    _each(apps, lambda error: unseal(error)[:300])


class Migration(migrations.Migration):

    dependencies = [
        ("numbers", "0004_routing_wanted_at"),
    ]

    operations = [
        *[migrations.AlterField(name, "error", models.TextField(blank=True)) for name in MODELS],
        migrations.RunPython(seal_all, unseal_all),
        migrations.AlterField(
            "order",
            "error",
            people.vault.SealedTextField(blank=True, help_text="Zadarma's words may name people."),
        ),
    ]

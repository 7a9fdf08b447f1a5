"""Refusals in Zadarma's words may name people: they are sealed like the papers."""

from django.db import migrations, models

import people.vault
from people.sealing import sealing

MODELS = ("order",)


class Migration(migrations.Migration):

    dependencies = [
        ("numbers", "0004_routing_wanted_at"),
    ]

    operations = [
        *[migrations.AlterField(name, "error", models.TextField(blank=True)) for name in MODELS],
        sealing("numbers", MODELS, "error", longest=300),
        migrations.AlterField(
            "order",
            "error",
            people.vault.SealedTextField(blank=True, help_text="Zadarma's words may name people."),
        ),
    ]

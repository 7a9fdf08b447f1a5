"""Refusals in Zadarma's words may name people: they are sealed like the papers."""

from django.db import migrations, models

import people.vault
from people.sealing import sealing

MODELS = ("operation",)


class Migration(migrations.Migration):

    dependencies = [
        ("sync", "0003_waits_for"),
    ]

    operations = [
        *[migrations.AlterField(name, "error", models.TextField(blank=True)) for name in MODELS],
        sealing("sync", MODELS, "error", longest=300),
        migrations.AlterField(
            "operation",
            "error",
            people.vault.SealedTextField(blank=True, help_text="Zadarma's words may name people."),
        ),
    ]

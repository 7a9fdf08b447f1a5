"""Refusals in Zadarma's words may name people: they are sealed like the papers."""

from django.db import migrations, models

import people.vault
from people.sealing import sealing

MODELS = ("documentgroup", "upload")


class Migration(migrations.Migration):

    dependencies = [
        ("documents", "0003_upload"),
    ]

    operations = [
        *[migrations.AlterField(name, "error", models.TextField(blank=True)) for name in MODELS],
        sealing("documents", MODELS, "error", longest=300),
        migrations.AlterField(
            "documentgroup",
            "error",
            people.vault.SealedTextField(
                blank=True, help_text="Why Zadarma refused it, in its words, which may name people."
            ),
        ),
        migrations.AlterField("upload", "error", people.vault.SealedTextField(blank=True)),
    ]

import django.db.models.deletion
from django.db import migrations, models

import people.vault


class Migration(migrations.Migration):
    """What is personal in an operation takes the data key of its person; a reading says what it left."""

    dependencies = [
        ("people", "0003_data_keys"),
        ("sync", "0004_sealed_error"),
    ]

    operations = [
        migrations.AddField(
            model_name="operation",
            name="data_key",
            field=models.ForeignKey(
                help_text="Whose person it is about, if any.",
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="people.datakey",
            ),
        ),
        migrations.AlterField(
            model_name="operation",
            name="params",
            field=people.vault.SealedJSONField(default=dict, owned=True),
        ),
        migrations.AlterField(
            model_name="operation",
            name="answer",
            field=people.vault.SealedJSONField(default=dict, owned=True),
        ),
        migrations.AlterField(
            model_name="operation",
            name="evidence",
            field=people.vault.SealedJSONField(
                default=dict, help_text="What was seen before and after, for the settler.", owned=True
            ),
        ),
        migrations.AlterField(
            model_name="operation",
            name="error",
            field=people.vault.SealedTextField(blank=True, help_text="Zadarma's words may name people.", owned=True),
        ),
        migrations.AddField(
            model_name="syncrun",
            name="left",
            field=models.IntegerField(
                default=0, help_text="How many are still to be read: the next one goes on at once."
            ),
        ),
    ]

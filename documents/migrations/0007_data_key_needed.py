from django.db import migrations, models


class Migration(migrations.Migration):
    """Every group has a data key."""

    dependencies = [("documents", "0006_data_keys")]

    operations = [
        migrations.AlterField(
            model_name="documentgroup",
            name="data_key",
            field=models.OneToOneField(
                on_delete=models.PROTECT, related_name="document_group", to="people.datakey"
            ),
        ),
    ]

from django.db import migrations

from documents.names import tokens_of
from people import data_keys


def index(apps, schema_editor):
    data_keys.forget()  # the migrations before this one made them
    Group, NameToken = apps.get_model("documents", "DocumentGroup"), apps.get_model("documents", "NameToken")
    for group in Group.objects.filter(erased_at=None, name_tokens=None).only("pk", "fields").iterator(chunk_size=200):
        tokens = [NameToken(group=group, token=token) for token in sorted(tokens_of(group.fields))]
        NameToken.objects.bulk_create(tokens, ignore_conflicts=True)


class Migration(migrations.Migration):
    """Groups that were there before the index are found by their names too."""

    dependencies = [("documents", "0007_data_key_needed")]

    operations = [migrations.RunPython(index, migrations.RunPython.noop)]

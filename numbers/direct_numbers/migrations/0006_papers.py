"""What a direction wants as a digest, filled for those that are known; and asking what papers suit."""

import hashlib
import json

import django.db.models.deletion
from django.db import migrations, models


def _plain(text):
    return " ".join(text.casefold().split()).rstrip(" .;")


def _signature(uploads, specify):
    """As `direct_numbers.requirements.signature` when this migration was written."""
    wanted = {
        "upload": sorted([row.get("type", "").strip().lower(), _plain(row.get("text", ""))] for row in uploads),
        "specify": sorted(_plain(text) for text in specify),
    }
    if not any(wanted.values()):
        return ""
    return hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()


def fill(apps, schema_editor):
    """Give every known direction its digest, so that the next reading does not take it for a change."""
    Direction = apps.get_model("numbers", "Direction")
    rows = list(Direction.objects.only("uploads_en", "specify_en"))
    for row in rows:
        row.requirement = _signature(row.uploads_en, row.specify_en)
    Direction.objects.bulk_update(rows, ["requirement"], batch_size=500)


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0005_checking_and_validity'),
        ('numbers', '0005_sealed_error'),
    ]

    operations = [
        migrations.AddField(
            model_name='direction',
            name='requirement',
            field=models.CharField(blank=True, help_text='What it wants, as a digest; empty: nothing.', max_length=64),
        ),
        migrations.AddField(
            model_name='direction',
            name='requirement_changed_at',
            field=models.DateTimeField(help_text='When it was last seen to want something else.', null=True),
        ),
        migrations.CreateModel(
            name='Asking',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('open', 'under way'), ('done', 'done'), ('stopped', 'stopped')], default='open', max_length=8)),
                ('problem', models.CharField(blank=True, choices=[('', 'none'), ('budget', "this minute's calls are used up"), ('outage', "Zadarma can't be reached"), ('credentials', 'the key pair was not accepted'), ('paused', 'the account is paused'), ('mistake', 'Something went wrong in the panel. Please try again.')], default='', max_length=12)),
                ('questions', models.IntegerField(default=0, help_text='How many were to be asked when it began.')),
                ('refused', models.JSONField(default=list, help_text='Directions that Zadarma would not judge this time.')),
                ('began_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('not_before', models.DateTimeField(help_text='It goes on by itself then.', null=True)),
                ('lease_until', models.DateTimeField(help_text='Until when nobody else may ask.', null=True)),
                ('holder', models.CharField(blank=True, help_text='Who holds the lease.', max_length=32)),
                ('group', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, related_name='asking', to='documents.documentgroup')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state', 'open')), fields=['began_at'], name='asking_open')],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]

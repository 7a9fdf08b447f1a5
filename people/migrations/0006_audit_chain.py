"""The chain of the audit: its one row, indexes for its pages, and triggers that keep its rows as they were written.

On SQLite a later migration that alters `people_auditentry` makes the table anew and loses its triggers: it must run
`make_triggers` of this file again (tests/people/test_audit_append_only.py finds out).
"""

import django.db.models.deletion
from django.db import migrations, models

from people.resealing import new_key

WRITTEN = (
    "id", "at", "actor_id", "action", "object_type", "object_id", "customer_id", "data_key_id", "detail",
)
# The sealer alone may write, once: the place and the hash of a row that had neither.
SEALS = "OLD.seq IS NULL AND OLD.hash = '' AND NEW.seq IS NOT NULL AND NEW.hash <> ''"
REFUSAL = "the audit is append-only"


def sqlite_triggers():
    same = " AND ".join(f'NEW."{name}" IS OLD."{name}"' for name in WRITTEN)
    return [
        f"""CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE ON people_auditentry WHEN NOT ({SEALS} AND {same})
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
        f"""CREATE TRIGGER audit_entry_kept BEFORE DELETE ON people_auditentry
            BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END""",
    ]


def postgresql_triggers():
    row = ", ".join(f'{{0}}."{name}"' for name in WRITTEN)
    same = f"({row.format('NEW')}) IS NOT DISTINCT FROM ({row.format('OLD')})"
    return [
        f"""CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' THEN
                    IF {SEALS} AND {same} THEN RETURN NEW; END IF;
                END IF;
                RAISE EXCEPTION '{REFUSAL}' USING ERRCODE = 'restrict_violation';
            END $$""",
        """CREATE TRIGGER audit_entry_unchanged BEFORE UPDATE OR DELETE ON people_auditentry
            FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
        """CREATE TRIGGER audit_entry_kept BEFORE TRUNCATE ON people_auditentry
            FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
    ]


def make_triggers(apps, schema_editor):
    statements = {"sqlite": sqlite_triggers, "postgresql": postgresql_triggers}[schema_editor.connection.vendor]()
    with schema_editor.connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def drop_triggers(apps, schema_editor):
    on_table = " ON people_auditentry" if schema_editor.connection.vendor == "postgresql" else ""
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER audit_entry_kept{on_table}")
        cursor.execute(f"DROP TRIGGER audit_entry_unchanged{on_table}")
        if on_table:
            cursor.execute("DROP FUNCTION audit_append_only()")


def give_keys(apps, schema_editor):
    """Everybody has a data key of their own, and the audit has one for what nobody did."""
    keys = apps.get_model("people", "DataKey").objects
    people = apps.get_model("people", "User").objects
    for pk in list(people.filter(data_key=None).values_list("pk", flat=True)):
        people.filter(pk=pk).update(data_key=keys.create(sealed=new_key()[0]))
    apps.get_model("people", "AuditChain").objects.create(pk=1, data_key=keys.create(sealed=new_key()[0]))


class Migration(migrations.Migration):

    dependencies = [
        ('people', '0005_roles'),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditChain',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('last_seq', models.BigIntegerField(default=0)),
                ('last_hash', models.CharField(blank=True, max_length=64)),
                ('data_key', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='people.datakey')),
            ],
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(fields=['action', '-at'], name='audit_of_action'),
        ),
        migrations.AddIndex(
            model_name='auditentry',
            index=models.Index(condition=models.Q(('seq', None)), fields=['id'], name='audit_unsealed'),
        ),
        migrations.RunPython(make_triggers, drop_triggers),
        migrations.RunPython(give_keys, migrations.RunPython.noop),
    ]

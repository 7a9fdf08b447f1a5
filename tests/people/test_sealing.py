"""What is kept is no use to who steals it: personal texts are ciphertext, the folder is its owner's alone."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection as database

from sync.models import Connection, Operation
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db


def test_what_zadarma_refused_is_sealed(offline: Connection) -> None:
    words = "The passport of Anna Berg is not valid"
    group = factories.DocumentGroupFactory(connection=offline, error=words)
    operation = factories.OperationFactory(connection=offline, error=words)
    with database.cursor() as cursor:
        for table, pk in (("documents_documentgroup", group.pk), ("sync_operation", operation.pk)):
            cursor.execute(f"SELECT error FROM {table} WHERE id = %s", [pk])
            assert "Anna" not in cursor.fetchone()[0]
    assert Operation.objects.get(pk=operation.pk).error == words


def test_the_folder_for_files_is_for_its_owner_alone(tmp_path: Path) -> None:
    folder = tmp_path / "var"
    env = {"PATH": os.environ["PATH"], "VAR_DIR": str(folder)}
    subprocess.run(
        [sys.executable, "manage.py", "check"], cwd=ROOT, env=env, check=True, capture_output=True, umask=0o022
    )
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700

"""Production refuses to start on an unsafe default; the embedded set-up makes its own secrets and keeps them."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SHOW = """
import json
from config import settings as s
names = ["EMBEDDED", "SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS", "DEBUG", "SECURE_SSL_REDIRECT",
         "SESSION_COOKIE_SECURE", "SECURE_HSTS_SECONDS", "CELERY_BROKER_URL"]
print(json.dumps({name: getattr(s, name) for name in names}))
"""
PRODUCTION = {
    "DATABASE_URL": "postgres://panel@127.0.0.1:1/panel",
    "SECRET_KEY": "s" * 50,
    "ENCRYPTION_KEYS": "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ=",
    "ALLOWED_HOSTS": "panel.example.com",
}


def start(var: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Load the settings in a new process that knows only `environment`."""
    known = {"PATH": os.environ["PATH"], "VAR_DIR": str(var), **environment}
    return subprocess.run(
        [sys.executable, "-c", SHOW], cwd=ROOT, env=known, capture_output=True, text=True, check=False, timeout=60
    )


def test_production_with_everything_set_starts_safely(tmp_path: Path) -> None:
    shown = json.loads(start(tmp_path, **PRODUCTION).stdout)
    assert (shown["EMBEDDED"], shown["DEBUG"], shown["ALLOWED_HOSTS"]) == (False, False, ["panel.example.com"])
    assert shown["SECURE_SSL_REDIRECT"] and shown["SESSION_COOKIE_SECURE"]
    assert shown["SECURE_HSTS_SECONDS"] > 0
    assert not (tmp_path / "secret_key").exists()


@pytest.mark.parametrize("missing", ["SECRET_KEY", "ENCRYPTION_KEYS", "ALLOWED_HOSTS"])
def test_production_refuses_to_start_without(tmp_path: Path, missing: str) -> None:
    done = start(tmp_path, **{name: value for name, value in PRODUCTION.items() if name != missing})
    assert done.returncode != 0
    assert f"{missing} must be set" in done.stderr


def test_redis_alone_is_production_as_well(tmp_path: Path) -> None:
    done = start(tmp_path, REDIS_URL="redis://127.0.0.1:1/0")
    assert done.returncode != 0
    assert "SECRET_KEY must be set" in done.stderr


def test_production_refuses_to_serve_any_host(tmp_path: Path) -> None:
    done = start(tmp_path, **{**PRODUCTION, "ALLOWED_HOSTS": "panel.example.com,*"})
    assert done.returncode != 0
    assert "ALLOWED_HOSTS must name the panel's hosts" in done.stderr


def test_debug_pages_are_refused_where_others_can_reach_them(tmp_path: Path) -> None:
    done = start(tmp_path, **PRODUCTION, DEBUG="on")
    assert done.returncode != 0
    assert "DEBUG" in done.stderr
    assert start(tmp_path, **{**PRODUCTION, "ALLOWED_HOSTS": "127.0.0.1"}, DEBUG="on").returncode == 0


@pytest.mark.parametrize("key", ["short", "not base64 at all: " + "x" * 30])
def test_a_key_that_cannot_encrypt_is_refused_at_the_start(tmp_path: Path, key: str) -> None:
    done = start(tmp_path, **{**PRODUCTION, "ENCRYPTION_KEYS": key})
    assert done.returncode != 0
    assert "Fernet" in done.stderr


def test_the_embedded_set_up_makes_its_own_secrets_and_keeps_them(tmp_path: Path) -> None:
    var = tmp_path / "var"
    first, second = (json.loads(start(var).stdout) for _ in range(2))
    assert first == second
    assert first["EMBEDDED"] and len(first["SECRET_KEY"]) >= 50
    assert first["CELERY_BROKER_URL"].startswith("filesystem://")
    for name, value in (("secret_key", first["SECRET_KEY"]), ("encryption_key", first["ENCRYPTION_KEYS"][0])):
        kept = var / name
        assert kept.read_text().strip() == value
        assert kept.stat().st_mode & 0o777 == 0o600
    other = json.loads(start(tmp_path / "other").stdout)
    assert other["SECRET_KEY"] != first["SECRET_KEY"]
    assert other["ENCRYPTION_KEYS"] != first["ENCRYPTION_KEYS"]

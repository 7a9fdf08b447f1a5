"""The project's settings for the test suite: embedded unless DATABASE_URL or REDIS_URL say otherwise."""

import os
import tempfile

# Playwright's event loop runs in the thread of the tests; no test shares a database connection with it.
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"

_test_defaults = {
    "SECRET_KEY": "test-only-" + "k" * 50,
    "ENCRYPTION_KEYS": "dGVzdC1vbmx5LWtleS10ZXN0LW9ubHkta2V5LTEyMzQ=",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "HTTPS": "off",
    "VAR_DIR": tempfile.mkdtemp(prefix="numberdesk-test-"),
    "ZADARMA_LOOPBACK_ONLY": "on",
    "ZADARMA_CALLS_A_MINUTE": "100000",
    "ZADARMA_API_KEY": "",
    "ZADARMA_API_SECRET": "",
    "ADMIN_EMAIL": "",
    "ADMIN_PASSWORD": "",
}
for _name, _value in _test_defaults.items():
    os.environ[_name] = _value

from config.settings import *  # noqa: E402, F403

STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}  # noqa: F405
WHITENOISE_USE_FINDERS = True
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
CELERY_BROKER_URL = "memory://"
CELERY_BROKER_TRANSPORT_OPTIONS = {}
if REDIS_URL:  # noqa: F405 - each test process clears a cache of its own
    _process = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    CACHES["default"]["LOCATION"] = f"{REDIS_URL.rpartition('/')[0]}/{8 + _process}"  # noqa: F405
STATIC_ROOT.mkdir(parents=True, exist_ok=True)  # noqa: F405

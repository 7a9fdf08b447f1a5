"""Where the log goes, and what is kept out of it."""

from typing import Any


def to_console(level: str) -> dict[str, Any]:
    """The `LOGGING` of Django: everything from `level` on to the console, without secret links."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
        "filters": {"secret_links": {"()": "config.secret_links.WithoutSecrets"}},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["secret_links"]}},
        "root": {"handlers": ["console"], "level": level},
        # urllib3 writes addresses with their parameters at DEBUG: keep them out whatever LOG_LEVEL says.
        "loggers": {
            "urllib3": {"level": "WARNING"},
            "celery.worker.strategy": {"level": "WARNING"},
            "django.request": {"level": "ERROR", "filters": ["secret_links"]},  # it names the address of what broke
            "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
            "django.security.csrf": {"level": "ERROR"},  # it names the address, which may be a link of an e-mail
        },
    }

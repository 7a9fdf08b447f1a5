"""A Celery worker of a storm: `python -m tests.storm.worker GUARD <arguments of celery>`; `-` lacks no guard."""

import sys


def main() -> None:
    """Set the project up, take a guard away where told so, and become Celery."""
    guard, *arguments = sys.argv[1:]
    import django

    django.setup()
    from django.conf import settings

    from tests.storm import broken

    if not settings.REDIS_URL:  # files are looked for so often; a storm has no quarter of a second to spare
        settings.CELERY_BROKER_TRANSPORT_OPTIONS["polling_interval"] = 0.01

    if guard in broken.GUARDS:
        broken.GUARDS[guard]()
    from celery.__main__ import main as celery

    sys.argv = ["celery", *arguments]
    celery()


if __name__ == "__main__":
    main()

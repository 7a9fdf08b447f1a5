"""How long the journal waits for what: from the settings, so that tests can run it in fast time."""

from datetime import timedelta

from django.conf import settings

# A sent operation whose process ended is taken for unclear after this; the call's own deadline is below half of it.
LEASE = timedelta(seconds=settings.LEASE_SECONDS)
# Between one look at an operation in doubt and the next; after the last a person is asked.
LOOK_AFTER = [timedelta(seconds=seconds) for seconds in settings.LOOK_SECONDS]
# What could not be sent is tried again after this.
RETRY = timedelta(seconds=settings.RETRY_SECONDS)
# One that waits for another operation, or whose message was lost, is tried again after this.
WAIT = timedelta(seconds=min(20.0, settings.RETRY_SECONDS))
# After a mistake of ours, or with an account that can't be used.
PAUSE = timedelta(minutes=5)
# What was looked at before a call is sent may be so old, with all the patience of the lookups.
FRESH = timedelta(minutes=4)
# A paid operation that could not be sent for so long is not sent any more: people have moved on.
STALE = timedelta(hours=1)


def settle_after() -> timedelta:
    """How long after the last moment at which a call can have left its absence may be believed."""
    return timedelta(seconds=settings.SETTLE_AFTER_SECONDS)

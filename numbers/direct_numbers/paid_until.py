"""Until when a number is paid: dates as the API writes them, and the calendar months between them."""

from datetime import datetime, timedelta

from dateutil.relativedelta import relativedelta

# Autorenewal and a payment by hand move the same date: within this time before it only one of them may.
RENEWS_SOON = timedelta(hours=48)
# Months end on different days, and a day may be counted differently.
TOLERANCE = timedelta(days=3)
PERIODS = {"month": 1, "year": 12}


def read(text: str) -> datetime | None:
    """A date of the API (`YYYY-MM-DD HH:MM:SS` in the account's zone) without its zone; None for anything else."""
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007 - without its zone, on purpose
    except ValueError:
        return None


def later_by(stop_at: datetime | None, stop_text: str, months: int) -> datetime | None:
    """So many calendar months after the end date, counted on the account's clock; None where that is not known."""
    local = read(stop_text)
    if local is None or stop_at is None:
        return None
    return stop_at + (months_later(local, months) - local)


def months_later(local: datetime, months: int) -> datetime:
    """So many calendar months later."""
    return local + relativedelta(months=months)


def is_near(one: datetime, other: datetime) -> bool:
    """Whether two end dates mean the same."""
    return abs(one - other) <= TOLERANCE


def renews_soon(stop_at: datetime, now: datetime) -> bool:
    """Whether autorenewal may move the date at any moment. A date that has passed is not settled either."""
    return stop_at <= now + RENEWS_SOON

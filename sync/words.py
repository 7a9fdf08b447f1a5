"""Words as the reader writes them: sums of money, and the language of who asked."""

from django.utils.translation import override

from people.models import User
from people.sums import money

__all__ = ["in_language_of", "money"]


def in_language_of(user: User | None) -> override:
    """What is said in this context is in the language of `user`; English where that is not known."""
    return override((user.language if user else "") or "en")

"""Why an order was refused, as far as customers are told: never what may be about the partner's account."""

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop, override

from direct_numbers.models import Order

# What the panel itself found before it sent an order (`placing`), about what was chosen. Zadarma's own words are not
# told: nobody can know what they are about. The price told there is the partner's.
ABOUT_CHOICES = (
    gettext_noop("This direction can't be ordered any more."),
    gettext_noop("This number is no longer available. Please choose another one."),
    gettext_noop("These papers can't be used for this order any more."),
    gettext_noop("The document group no longer fits this direction."),
)


def reason_for_customers(order: Order) -> str:
    """Why an order was not placed, in the reader's language; "" where its customer is not told."""
    for sentence in ABOUT_CHOICES:
        for code, _name in settings.LANGUAGES:
            with override(code):
                is_it = order.error == _(sentence)
            if is_it:
                return _(sentence)
    return ""

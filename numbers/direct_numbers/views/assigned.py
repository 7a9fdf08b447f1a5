"""What a person is told once numbers were given to somebody."""

from collections.abc import Collection

from django.contrib import messages
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from direct_numbers import assigning
from direct_numbers.models import Number
from people.models import Customer
from people.phones import international


def tell(request: HttpRequest, customer: Customer | None, count: int) -> None:
    """Say to whom numbers went."""
    names = {"count": count, "name": customer}
    if count == 0:
        messages.info(request, _("Nothing was to change: they belonged there already."))
    elif customer is None:
        told = ngettext("%(count)d number belongs to nobody now.", "%(count)d numbers belong to nobody now.", count)
        messages.success(request, told % names)
    else:
        told = ngettext("%(count)d number now belongs to %(name)s.", "%(count)d numbers now belong to %(name)s.", count)
        messages.success(request, told % names)


def warn_of_papers(request: HttpRequest, numbers: Collection[Number], customer: Customer | None) -> None:
    """Say which numbers run with papers of another customer."""
    strangers = assigning.strangers_papers(numbers, customer) if customer else []
    if strangers:
        listed = ", ".join(international(row.number) for row in strangers[:5]) + (" …" if len(strangers) > 5 else "")
        text = _("These numbers run with another customer's papers: %(numbers)s. The new customer does not see those.")
        messages.warning(request, text % {"numbers": listed})

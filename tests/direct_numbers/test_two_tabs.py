"""Two tabs with one draft: what is ordered is what stood on the page that was sent."""

import pytest

from sync.models import Operation
from tests.direct_numbers.conftest import Wizard
from tests.support.reading import form_of, text_of

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_review_of_other_choices_orders_nothing(wizard: Wizard) -> None:
    wizard.go("GB", 13755)
    url = wizard.url("review")
    old_tab = form_of(wizard.open("review"), url)
    listed = wizard.open("number").context["numbers"]
    wizard.send("number", number=listed[1].id)  # in another tab, at the same price
    page = wizard.client.post(url, old_tab)
    assert page.status_code == 409
    assert "Please look at the choices again." in text_of(page)
    assert (wizard.order.state, Operation.objects.count()) == ("draft", 0)
    assert wizard.client.post(url, form_of(page, url)).status_code == 302
    operation = Operation.objects.get()
    assert operation.params["number"] == wizard.order.wanted_number == listed[1].number

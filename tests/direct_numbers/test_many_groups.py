"""An order where there are more document groups than a page can show: some are offered, the others found by name."""

import pytest

from direct_numbers.views import steps
from documents import names
from documents.models import DocumentGroup
from tests import factories
from tests.direct_numbers.conftest import Wizard
from tests.support.reading import text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def at_documents(wizard: Wizard, monkeypatch: pytest.MonkeyPatch) -> Wizard:
    """A draft before the choice of papers, where three groups fill a page."""
    monkeypatch.setattr(steps, "MOST_GROUPS", 3)
    wizard.start()
    wizard.send("country", country="GB")
    wizard.send("direction", direction="13755")
    wizard.send("number", number="any")
    return wizard


def shown(wizard: Wizard, page: object) -> set[str]:
    """The remote ids of the groups a page offers."""
    return {row["group"].remote_id for row in page.context["groups"]}  # type: ignore[attr-defined]


def test_a_page_of_them_is_asked_about_and_the_others_are_found_by_name(at_documents: Wizard) -> None:
    wizard = at_documents
    late = factories.DocumentGroupFactory(connection=wizard.connection, fields={"last_name": "Zuletzt"})
    names.index([late])
    page = wizard.open("documents")
    assert len(shown(wizard, page)) == 3 and late.remote_id not in shown(wizard, page)
    assert "There are more than are shown." in text_of(page)
    found = wizard.client.post(wizard.url("documents"), {"find": "1", "name": "zul"})
    assert shown(wizard, found) == {late.remote_id}
    assert "Nobody of this name" in text_of(
        wizard.client.post(wizard.url("documents"), {"find": "1", "name": "no one"})
    )
    assert wizard.order.group is None
    chosen = wizard.client.post(wizard.url("documents"), {"group": str(late.pk)})
    assert (chosen.url, wizard.order.group) == (wizard.url("review"), late)
    assert late.remote_id in shown(wizard, wizard.open("documents"))


def test_a_strangers_group_is_not_taken_whatever_the_form_says(at_documents: Wizard) -> None:
    strangers = factories.DocumentGroupFactory(connection=at_documents.connection, customer=factories.CustomerFactory())
    names.index([strangers])
    answer = at_documents.client.post(at_documents.url("documents"), {"group": str(strangers.pk)})
    assert answer.status_code == 200 and at_documents.order.group is None
    answer = at_documents.client.post(at_documents.url("documents"), {"find": "1", "name": "Family"})
    assert strangers.remote_id not in shown(at_documents, answer)
    assert DocumentGroup.objects.filter(pk=strangers.pk).exists()

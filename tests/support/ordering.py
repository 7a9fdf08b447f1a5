"""An order through the wizard of a panel of real processes."""

import re

from tests.support.panel import Panel, Person


def order_a_number(person: Person) -> str:
    """Through the wizard with plain forms: London, operator's choice of papers 1001. Returns the order's path."""
    page = person.post("/orders/new/", see="/orders/new/", customer="")
    base = re.sub(r"country/$", "", page.url.removeprefix(person.panel.url))
    page = person.post(base + "country/", see=base + "country/", country="GB")
    assert page.url.endswith("/direction/"), page.text
    page = person.post(base + "direction/", see=base + "direction/", direction="13755")
    assert page.url.endswith("/number/"), page.text
    choices = person.get(base + "number/").text
    number_id = re.search(r'name="number"[^>]*value="([^"]+)"|value="([^"]+)"[^>]*name="number"', choices)
    assert number_id, choices
    page = person.post(base + "number/", see=base + "number/", number=number_id.group(1) or number_id.group(2))
    assert page.url.endswith("/documents/"), page.text
    papers = person.get(base + "documents/").text
    groups = re.findall(r'<input[^>]*name="group"[^>]*>', papers)
    group = next(re.search(r'value="(\d+)"', field).group(1) for field in groups if "disabled" not in field)  # type: ignore[union-attr]
    page = person.post(base + "documents/", see=base + "documents/", group=group)
    assert page.url.endswith("/review/"), page.text
    review = person.get(base + "review/").text
    confirmed = re.search(r'name="confirmed" value="([0-9.]+)"', review)
    assert confirmed, review[:3000]
    chosen = re.search(r'name="chosen" value="([^"]+)"', review)
    assert chosen, review[:3000]
    form = {"period": "month", "autorenew_period": "month", "purpose": "Customer service", "chosen": chosen.group(1)}
    person.post(base + "review/", see=base + "review/", confirmed=confirmed.group(1), **form)
    person.post(base + "routing/", see=base + "routing/", routing="sip", sip_login="480011")
    return base


def is_routed(person: Person, order: str) -> bool:
    """The order's page says where calls go, and no longer looks again by itself."""
    text = person.get(order).text
    return "Calls go to 480011" in text and "order-progress" in text and "every 2s" not in text


def order_posts(panel: Panel) -> int:
    seen = panel.simulator.requests()
    return sum(call["method"] == "POST" and "direct_numbers/order" in call["path"] for call in seen)

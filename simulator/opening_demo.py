"""The account for demonstrations: numbers in every status, so that no page that shows it is empty."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from .opening import person, put
from .state import Account, Document, Group, Number, Sip
from .timeline import period_end
from .world import World

VERIFIED_GROUP, CHECKED_GROUP, REJECTED_GROUP = 1001, 1002, 1003

# direction|group|status|days ago or days left|caller name|sip|marks
# With "left" among the marks the figure is the days until the stop date, otherwise the days since the start.
_NUMBERS = """
3760|1001|on|20|Berlin Office|480011|
3761|1001|on|3||480012|left
3759|0|on|11|Hotline|480011|
3768|1001|on|5||480013|sms
13755|0|on|25|London|480012|sms
13756|0|on|2||480012|left,manual
13762|0|on|9|Infoline|480011|
17702|0|on|14|LA|480013|sms-off
17706|0|on|40|US|1234567890@sip.example.com|sms,year
17707|0|on|6|Freephone|480011|
4101|0|on|1||480011|left
4104|1002|checking|1|||
4106|1002|checking|2|||
5401|1003|checking_upload|1|||
3764|0|checking_upload|2|||
5405|0|on|18|Warsaw|480013|sms,test
3061|0|on|30|Tel Aviv|480011|sms,year
638|0|on|12||480012|test
6001|0|parking|2|Sofia|480013|manual
5904|0|parking|4||480013|manual
3753|1002|reserved_checking|1|||
6201|0|reserved_on|1|||
3765|0|reserved_checking_upload|1|||
6501|0|on|8|Kyiv|480012|manual
"""


def furnish(world: World, account: Account) -> None:
    """Fill the account: four document groups with the main one, three SIP logins, two dozen numbers."""
    account.balance = Decimal("212.40")
    account.sips = [
        Sip("480011", "Reception", 3, True),
        Sip("480012", "Sales", 5, True),
        Sip("480013", "Support", 3, False),
    ]
    account.webhook_url = "https://panel.example.com/webhooks/zadarma/"
    account.webhooks["sms"] = account.webhooks["document"] = True
    for group in _groups():
        account.groups[group.id] = group
        world.changed(account, group)
    world.next_group_id = REJECTED_GROUP + 1
    world.changes.is_head_changed = True
    for line in _NUMBERS.strip().splitlines():
        _add(world, account, line)


def _groups() -> list[Group]:
    verified = person(
        email="mustermann@example.com", salutation="MR", first_name="Max", last_name="Mustermann", phone="4940555123",
        city="Hamburg", address="Hafenweg 3, 20457", zip_code="20457", street="Hafenweg", building_number="3",
        id_number="L2K41V9",
    )  # fmt: skip
    company = person(
        email="office@alpenblick.example", salutation="COMPANY", first_name="Maria", last_name="Huber",
        organization="Alpenblick GmbH", organization_description="Hotel", organization_reg_number="FN 123456a",
        country="AT", nationality="AT", city="Wien", address="Ringstrasse 40, 1010", zip_code="1010",
        street="Ringstrasse", building_number="40", phone="4315550123", type_of_id="BUSINESS_REGISTRATION",
        id_number="FN 123456a",
    )  # fmt: skip
    rejected = person(
        email="anna.kowalska@example.com", salutation="MS", first_name="Anna", last_name="Kowalska", country="PL",
        nationality="PL", city="Warszawa", address="Prosta 51, 00-838", zip_code="00-838", street="Prosta",
        building_number="51", phone="48225550123", type_of_id="NATIONAL_ID_CARD", id_number="ABC523456",
    )  # fmt: skip
    return [
        Group(VERIFIED_GROUP, verified, False, [
            Document("passport", "passport-mustermann.pdf", True), Document("receipt", "electricity-march.pdf", True),
        ]),
        Group(CHECKED_GROUP, company, False, [
            Document("passport", "passport-huber.jpg", True), Document("certificate", "register.pdf"),
            Document("contract", "contract.pdf"), Document("receipt", "water-bill.pdf", True),
        ]),
        Group(REJECTED_GROUP, rejected, False, [
            Document("passport", "scan0001.jpg", False, "The copy is too dark: the name cannot be read"),
        ]),
    ]  # fmt: skip


def _add(world: World, account: Account, line: str) -> None:
    direction_id, group_id, status, days, name, sip, flags = line.split("|")
    marks, now = set(flags.split(",")), world.now()
    direction = world.catalog.directions[int(direction_id)]
    entry = Number(
        number=world.take(direction),
        direction_id=direction.id,
        group_id=int(group_id),
        status=status,
        start=now,
        stop=now,
        sip=sip,
        caller_name=name or None,
        is_on_test="test" in marks,
        autorenew="manual" not in marks,
        autorenew_period="year" if "year" in marks else "month",
        receive_sms=("sms" in marks) if direction.has_sms else None,
        minutes=4260 if direction.is_revenue else None,
    )
    put(world, account, entry, now, days_ago=int(days), months_paid=12 if "year" in marks else 3)
    if "left" in marks:
        entry.stop = now + timedelta(days=int(days), hours=5)
        entry.start = period_end(account, entry.stop, -1)
    world.changed(account, entry)

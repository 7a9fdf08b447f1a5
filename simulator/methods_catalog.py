"""Methods about what can be ordered: countries, directions, available numbers."""

from __future__ import annotations

import re

from . import shapes
from .calls import Answer, Call
from .messages import Refused


def countries(call: Call) -> Answer:
    """GET /v1/direct_numbers/countries/"""
    rows = [
        {"countryCode": country.dial_code, "countryCodeIso": country.iso, "name": country.name.into(call.language)}
        for country in call.world.catalog.countries.values()
    ]
    return {"info": sorted(rows, key=lambda row: row["name"])}


def country(call: Call) -> Answer:
    """GET /v1/direct_numbers/country/"""
    iso = call.text("country")
    if iso not in call.world.catalog.countries:
        raise Refused("country")
    directions = call.world.catalog.of_country(iso)
    if "direction_id" in call.params:
        wanted = call.direction(call.params["direction_id"])
        directions = [direction for direction in directions if direction is wanted]
    return {"info": [shapes.direction(call, direction) for direction in directions]}


def available(call: Call) -> Answer:
    """GET /v1/direct_numbers/available/<DIRECTION_ID>/

    ``mask`` is a part of the number; with a ``*`` in it, it is the whole number, each ``*`` any run of digits.
    """
    direction = call.direction(call.words[0])
    mask = call.text("mask", "").removeprefix("+")
    if not re.fullmatch(r"[0-9*]*", mask):
        raise Refused("invalid", name="mask")
    pattern = re.compile(mask.replace("*", "[0-9]*") if "*" in mask else f"[0-9]*{mask}[0-9]*")
    return {
        "numbers": [
            {"id": offer.id, "direction_id": offer.direction_id, "number": offer.number}
            for offer in call.world.stock.on_offer(direction)
            if pattern.fullmatch(offer.number)
        ]
    }

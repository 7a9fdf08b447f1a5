"""A storm that was none is found out."""

from dataclasses import replace

from tests.storm.figures import Figures
from tests.storm.hollow import of_storm
from tests.storm.plan import Size
from tests.storm.weather import ON_PAID

SIZE = Size(orders=300, prolongs=200)
FULL = Figures(
    "sqlite",
    1,
    1,
    orders_sent=300,
    prolongs_sent=200,
    worker_kills=SIZE.kills,
    killed_in_flight=1,
    paid_faults={kind: 1 for kind, *_ in ON_PAID},
    outside_orders=1,
    autorenewals=1,
    renewed_amid_payments=5,
    charges=1,
    approved=1,
    rejected=1,
    cancelled=1,
    approvals_raced=1,
    decisions_raced=1,
    cancels_raced=1,
    own_refused=1,
    killed_in_the_act=1,
    limits_refused=1,
    desks_told={"Unavailable": 1},
)
#: Each of these alone makes it hollow.
LACKS = (
    {"orders_sent": 299},
    {"prolongs_sent": 199},
    {"worker_kills": SIZE.kills - 1},
    {"killed_in_flight": 0},
    {"outside_orders": 0},
    {"autorenewals": 0},
    {"renewed_amid_payments": 4},
    {"charges": 0},
    {"desks_told": {"NotTheirs": 1}},
    *(
        {name: 0}
        for name in (
            "approved",
            "rejected",
            "cancelled",
            "approvals_raced",
            "decisions_raced",
            "cancels_raced",
            "own_refused",
            "killed_in_the_act",
            "limits_refused",
        )
    ),
    *({"paid_faults": FULL.paid_faults | {kind: 0}} for kind, *_ in ON_PAID),
)


def test_a_storm_in_which_all_happened_is_one() -> None:
    assert of_storm(SIZE, FULL) == []


def test_a_storm_that_lacked_anything_is_hollow() -> None:
    for lack in LACKS:
        assert [violation.kind for violation in of_storm(SIZE, replace(FULL, **lack))] == ["hollow"], lack


def test_a_small_one_may_lack_it() -> None:
    assert of_storm(Size(orders=12, prolongs=8), Figures("sqlite", 1, 1)) == []

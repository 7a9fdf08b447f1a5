"""Whether a storm was one: that nothing went wrong proves something only where it could have."""

from tests.storm.audit import Violation
from tests.storm.figures import Figures
from tests.storm.plan import Size
from tests.storm.weather import ON_PAID


def of_storm(size: Size, figures: Figures) -> list[Violation]:
    """What a storm of this size must have had and had not. A small one may have been spared by chance."""
    if not size.is_big:
        return []
    missing = [f"no paid call was hit by {kind}" for kind, *_ in ON_PAID if not figures.paid_faults.get(kind)]
    if figures.worker_kills < size.kills:
        missing.append(f"{figures.worker_kills} of {size.kills} kills")
    happened = {
        "no worker was killed while a call was out": figures.killed_in_flight,
        "no number renewed itself": figures.autorenewals,
        "no call was charged": figures.charges,
        "nothing was ordered past the panel": figures.outside_orders,
    }
    if size.orders:
        happened |= {
            "no two approved an order at the same time": figures.approvals_raced,
            "no order was approved and rejected at the same time": figures.decisions_raced,
            "no order was decided and cancelled at the same time": figures.cancels_raced,
            "no order was approved": figures.approved,
            "no order was rejected": figures.rejected,
            "no order was cancelled": figures.cancelled,
            "nobody tried to approve their own": figures.own_refused,
            "nobody was kept from approving by an API that is down": figures.desks_told.get("Unavailable", 0),
            "nobody was killed while deciding": figures.killed_in_the_act,
            "no limit refused anything": figures.limits_refused,
        }
    missing += [text for text, times in happened.items() if not times]
    if figures.renewed_amid_payments < size.crossings // 2:
        missing.append(
            f"{figures.renewed_amid_payments} numbers renewed themselves while a payment for them was out, "
            f"{size.crossings // 2} should have"
        )
    for kind, wanted, sent in (
        ("orders", size.orders, figures.orders_sent),
        ("prolongations", size.prolongs, figures.prolongs_sent),
    ):
        if sent < wanted:
            missing.append(f"{sent} of {wanted} {kind} were sent")
    return [Violation("hollow", text) for text in missing]

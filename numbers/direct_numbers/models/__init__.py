"""Country, Direction, Offer (the catalogue), Number, Order."""

from direct_numbers.models.catalog import Country, Direction, Offer
from direct_numbers.models.number import Number
from direct_numbers.models.order import Order

__all__ = ["Country", "Direction", "Number", "Offer", "Order"]

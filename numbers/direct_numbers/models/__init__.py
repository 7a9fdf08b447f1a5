"""Country, Direction, Offer (the catalogue), Number, Label, Order, Charge, Asking, ListChoice, SavedView."""

from direct_numbers.models.asking import Asking
from direct_numbers.models.catalog import Country, Direction, Offer
from direct_numbers.models.charge import Charge
from direct_numbers.models.label import Label, Labelling
from direct_numbers.models.list_choice import ListChoice, SavedView
from direct_numbers.models.number import Number
from direct_numbers.models.order import Order

__all__ = [
    "Asking",
    "Charge",
    "Country",
    "Direction",
    "Label",
    "Labelling",
    "ListChoice",
    "Number",
    "Offer",
    "Order",
    "SavedView",
]

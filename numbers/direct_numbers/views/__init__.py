"""Pages of numbers and orders."""

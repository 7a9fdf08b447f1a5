"""Addresses of numbers and orders."""

"""What the two customers of the isolation tests keep to themselves."""

# Words that nobody but the customer's own people and staff may read, of the first customer and of the second.
SECRETS = {
    "first": (
        "Xaver",
        "Secretson",
        "442099999999",
        "SecretLine",
        "555777",
        "442088888888",
        "SecretScan",
        "First custo",
        "secretson.example",
    ),
    "second": (
        "Yvonne",
        "Hiddenman",
        "442066666666",
        "HiddenLine",
        "666888",
        "442055555555",
        "HiddenScan",
        "Second cu",
        "hiddenman.example",
    ),
}
WORDS = {
    "first": {"given": "Xaver", "family": "Secretson", "line": "SecretLine", "scan": "SecretScan", "sip": "555777"},
    "second": {"given": "Yvonne", "family": "Hiddenman", "line": "HiddenLine", "scan": "HiddenScan", "sip": "666888"},
}
DIGITS = {"first": ("442099999999", "442088888888"), "second": ("442066666666", "442055555555")}

"""What is wrong with a description of a zone, an outage, a place or a map."""


class CoverageError(ValueError):
    """`field` is the path of what is wrong, `expected` what would be right; the text has all."""

    def __init__(self, field: str, value: object, expected: str) -> None:
        super().__init__(f"{field}: {value!r} is wrong, expected {expected}")
        self.field = field
        self.value = value
        self.expected = expected

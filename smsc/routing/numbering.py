"""Reads a number as the Norwegian plan does: every dialling form, decided on the full length, in integers.

An address comes as (TON, NPI, digits, length): `digits` is the value of its digits and `length` how many
there were, so that leading zeros count. The answer is `key << 8 | row`: the key is int("47" + national
number), the row an index into `NumberPlan.rows`; or the negative code of the reason why the plan has no such
number.
"""

from __future__ import annotations

from smsc import reasons
from smsc.routing.explain import NATIONAL, SHORT_CODE_ONLY, WITH_COUNTRY_CODE, WITH_PREFIX, Reading, explain
from smsc.routing.plan_data import DigitTree, NumberingRules, PlanRow, bounds, plan_rows

# The underscored names are C integers when compiled.
_NATIONAL = NATIONAL
_WITH_COUNTRY_CODE = WITH_COUNTRY_CODE
_WITH_PREFIX = WITH_PREFIX
_SHORT_CODE_ONLY = SHORT_CODE_ONLY
_M2M = bounds("m2m_iot")[0][0] // 10**10
_ALPHANUMERIC = 5  # TON [SMPP 3.4 §5.2.5]
_MALFORMED = -reasons.DESTINATION_MALFORMED
_WRONG_LENGTH = -reasons.DESTINATION_WRONG_LENGTH
_UNASSIGNED = -reasons.DESTINATION_UNASSIGNED
_FOREIGN = -reasons.DESTINATION_FOREIGN
_BAD_TON = -reasons.DESTINATION_TON
_BAD_NPI = -reasons.DESTINATION_NPI


class NumberPlan:
    """The plan under one set of rules. Immutable; build it with `load_plan`."""

    __slots__ = (
        "_00_on_1",
        "_emergencies",
        "_powers",
        "_refused_47",
        "_roots",
        "_tree",
        "rows",
        "rules",
        "short_code_row",
    )

    def __init__(self, rows: tuple[PlanRow, ...], rules: NumberingRules) -> None:
        tree = DigitTree(rows)
        self.rows = rows
        self.rules = rules
        self.short_code_row = next(index for index, row in enumerate(rows) if row.overlay)
        self._tree = tree.octets
        self._roots = tree.roots
        self._emergencies = bytes(row.kind.route == "emergency" for row in rows).ljust(256, b"\0")
        self._00_on_1 = rules.prefix_00_on_international
        self._refused_47 = bytes(_refuses_country_code(row, rules) for row in rows)
        self._powers: list[int] = [10**exponent for exponent in range(19)]

    def read(self, ton: int, npi: int, digits: int, length: int) -> int:
        """Return `key << 8 | row`, or the negative code of a reason. Total: no arguments raise.

        `digits` is negative when the address was not 1 to 18 plain digits; `read_text` reads those. An
        emergency number is recognised in every TON but 5 (alphanumeric) and in every NPI: deliver on doubt
        [N33].
        """
        answer = self._read(ton, npi, digits, length)
        return answer if answer >= 0 else self._emergency(ton, digits, length, answer)

    def _read(self, ton: int, npi: int, digits: int, length: int) -> int:
        """`read` by the letter, for emergency numbers too."""
        if npi < 0 or npi > 1:
            return _BAD_NPI
        form = self.form(ton, digits, length)
        if form < 0:
            return form
        short_code_only = form == _SHORT_CODE_ONLY
        country_code = _WITH_COUNTRY_CODE <= form <= _WITH_PREFIX
        if country_code:
            if form == _WITH_PREFIX:
                length -= 2
            if digits < self._powers[length - 1]:
                return _MALFORMED
            length -= 2
            norway = 47 * self._powers[length] if length > 0 else 0
            if length < 1 or digits < norway or digits >= norway + self._powers[length]:
                return _FOREIGN if 5 <= length <= 13 else _WRONG_LENGTH
            digits -= norway
        row = self.row_of(digits, length)
        if row < 0:
            return self._no_row(digits, length, short_code_only)
        if country_code and self._refused_47[row]:
            return _MALFORMED if self.rows[row].overlay else _WRONG_LENGTH
        if short_code_only and not self.rows[row].overlay:
            return _MALFORMED
        return self.key_of(digits, length) << 8 | row

    def _emergency(self, ton: int, digits: int, length: int, answer: int) -> int:
        """The emergency number that an address must mean which is refused as it is written, else `answer`."""
        if ton == _ALPHANUMERIC:
            return answer
        emergencies = self._emergencies
        reading = self._read(0, 1, digits, length)
        if reading >= 0 and emergencies[reading & 255]:
            return reading
        reading = self._read(1, 1, digits, length)
        return reading if reading >= 0 and emergencies[reading & 255] else answer

    def form(self, ton: int, digits: int, length: int) -> int:
        """Return how the address is written, NATIONAL to SHORT_CODE_ONLY, or a negative reason."""
        if ton < 0 or (ton > 3 and ton != 6):
            return _BAD_TON
        if length < 1 or length > 18 or digits < 0 or digits >= self._powers[length]:
            return _MALFORMED
        if ton >= 3:
            return _SHORT_CODE_ONLY
        if length > 2 and digits < self._powers[length - 2]:
            return _WITH_PREFIX if ton != 1 or self._00_on_1 else _MALFORMED
        if ton == 1:
            return _WITH_COUNTRY_CODE
        if ton == 0:
            if length == 10 and digits // self._powers[8] == 47:
                return _WITH_COUNTRY_CODE
            if length == 14 and digits // self._powers[10] == _M2M:
                return _WITH_COUNTRY_CODE
        return _NATIONAL

    def row_of(self, national: int, length: int) -> int:
        """Return the index of the narrowest row that holds the national number of `length` digits, or -1."""
        if length < 1 or length > 18 or national < 0 or national >= self._powers[length]:
            return -1
        tree = self._tree
        roots = self._roots
        node = roots[length]
        while node:
            length -= 1
            digit = national // self._powers[length]
            national -= digit * self._powers[length]
            at = node * 20 + digit * 2
            value = tree[at] << 8 | tree[at + 1]
            if value < 256:
                return value - 1
            node = value - 256
        return -1

    def key_of(self, national: int, length: int) -> int:
        """Return the key of a national number of `length` digits, 0 when `length` is not 1 to 15."""
        return 47 * self._powers[length] + national if 1 <= length <= 15 else 0

    def row_of_key(self, key: int) -> int:
        """Return the row of a key, -1 when no number of the plan has it."""
        length = 1
        while length < 15 and key >= 48 * self._powers[length]:
            length += 1
        return self.row_of(key - 47 * self._powers[length], length)

    def _no_row(self, national: int, length: int, short_code_only: bool) -> int:
        """Why the plan has no row for a national number."""
        if short_code_only:
            return _MALFORMED
        for row in self.rows:
            if row.prefix and length >= row.digits and national // 10 ** (length - row.digits) == row.first:
                return -row.reason
        if length == 12 or self._roots[length] == 0:
            return _WRONG_LENGTH
        if length == 8 and 4700 + national // 10**6 == _M2M:
            return _WRONG_LENGTH
        return _UNASSIGNED

    def read_text(self, ton: int, npi: int, text: str) -> int:
        """Return what `read` returns for an address written with spaces, `+` or anything else. Total.

        Spaces are taken off, then one `+`, which makes the address international whatever TON says
        (0, 1 or 2); letters and other signs make it malformed. Emergency numbers are recognised as in `read`.
        """
        digits = "".join(text.split())
        plus = digits.startswith("+")
        if plus:
            digits = digits[1:]
        answer = self._read_written(ton, npi, plus, digits)
        if answer >= 0 or len(digits) > 18 or not (digits.isascii() and digits.isdigit()):
            return answer
        return self._emergency(ton, int(digits), len(digits), answer)

    def _read_written(self, ton: int, npi: int, plus: bool, digits: str) -> int:
        if npi not in (0, 1):
            return _BAD_NPI
        if ton not in (0, 1, 2, 3, 6):
            return _BAD_TON
        if not (digits.isascii() and digits.isdigit()):
            return _MALFORMED
        if plus:
            if ton > 2 or digits[0] == "0":
                return _MALFORMED
            ton = 1
        if len(digits) > 18:
            return _WRONG_LENGTH
        return self._read(ton, npi, int(digits), len(digits))

    def explain(self, text: str, ton: int = 0, npi: int = 1) -> Reading:
        """Return how the plan reads `text`, step by step in English and bokmål. Total; agrees with `read`."""
        return explain(self, text, ton, npi)


def _refuses_country_code(row: PlanRow, rules: NumberingRules) -> bool:
    if row.overlay:
        return not rules.country_code_before_short_code
    return row.digits <= 5 and not rules.country_code_before_special


def load_plan(rules: NumberingRules | None = None) -> NumberPlan:
    """Return the plan of `norway.toml` under `rules` (default: the suggested choices). Raises PlanError."""
    rules = NumberingRules() if rules is None else rules
    return NumberPlan(plan_rows(rules), rules)

"""The number plan and its reading rules once more, over strings: the oracle for the integer tables.

The table is the reference's own, copied row by row; nothing here looks at the product's data file.
"""

from __future__ import annotations

from typing import NamedTuple

TABLE = """\
110,110,3,emergency_fire,no,policy:yes,free
112,112,3,emergency_police,no,policy:yes,free
113,113,3,emergency_medical,no,policy:yes,free
145,145,3,standard_special,no,policy:no,policy
100,115,3,standard_special,no,policy:no,policy
117,179,3,standard_special,no,policy:no,policy
190,199,3,provider_special,policy:no,policy:yes,policy
1412,1412,4,text_telephone_emergency,no,no,free
1500,1549,4,carrier_select_prefix,no,no,none
1800,1849,4,directory_enquiries_unopened,no,no,premium
1850,1899,4,directory_enquiries,no,policy:yes,premium
116000,116999,6,eu_harmonised_116,no,policy:yes,free_to_caller
02000,09999,5,special_5digit,no,policy:yes,normal_rate
68000000,68049999,8,teleconference_inbound,no,policy:no,normal_rate
68050000,68069999,8,film_tv_fictitious,no,no,none
59555110,59555110,8,emergency_sms_fire,no,yes,policy:free
59555112,59555112,8,emergency_sms_police,no,yes,policy:free
59555113,59555113,8,emergency_sms_medical,no,yes,policy:free
20000000,39999999,8,fixed,policy:no,policy:no,normal_rate
40000000,49999999,8,mobile,yes,yes,normal_rate
50000000,57999999,8,fixed,policy:no,policy:no,normal_rate
580000000000,589999999999,12,m2m_iot,policy:yes,policy:yes,policy
59000000,59999999,8,m2m_iot_8,policy:yes,policy:yes,policy
60000000,79999999,8,fixed,policy:no,policy:no,normal_rate
80000000,80099999,8,freephone_800,no,policy:no,free_to_caller
81000000,81099999,8,shared_810,no,policy:no,shared
81500000,81599999,8,normal_815,no,policy:no,caller_pays
82000000,82099999,8,premium_utility_820,no,policy:no,premium
82200000,82201999,8,donation_1,no,policy:no,NOK_100
82202000,82203999,8,donation_2,no,policy:no,NOK_150
82204000,82205999,8,donation_3,no,policy:no,NOK_200
82206000,82207999,8,donation_4,no,policy:no,NOK_250
82208000,82209999,8,donation_5,no,policy:no,NOK_300
82210000,82299999,8,donation_undefined,no,no,undefined
82900000,82999999,8,premium_entertainment_829,no,policy:no,premium
80000000,89999999,8,special_8xx_other,no,no,undefined
90000000,99999999,8,mobile,yes,yes,normal_rate
00,00,2,international_prefix,no,no,none
01,01,2,reserved,no,no,none
1000,9999,4,sms_short_code,yes,yes,per_service
10000,99999,5,sms_short_code,yes,yes,per_service
"""


class Row(NamedTuple):
    """One row of the reference's table."""

    first: str
    last: str
    digits: str
    type: str
    send: str
    receive: str
    charging: str


ROWS = [Row(*line.split(",")) for line in TABLE.splitlines()]
PREFIXES = {"00": "destination_malformed", "01": "destination_reserved"}
LEGAL_LENGTHS = (3, 4, 5, 6, 8, 12)


def narrowest(national: str) -> Row | None:
    """The most specific row that holds a national number, compared as a string of equal length."""
    holding = [
        row
        for row in ROWS
        if row.first not in PREFIXES and len(row.first) == len(national) and row.first <= national <= row.last
    ]
    return min(holding, key=lambda row: int(row.last) - int(row.first), default=None)


def read(ton: int, npi: int, text: str) -> tuple[str, str]:
    """(national number, type), or ("", reason). An emergency number in any dialling form is one in every TON
    but 5 and in every NPI (N33)."""
    found = by_the_letter(ton, npi, text)
    if found[0] or ton == 5:
        return found
    digits = "".join(text.split()).removeprefix("+")
    for as_ton in (0, 1):
        meant = by_the_letter(as_ton, 1, digits)
        if meant[1].startswith("emergency_"):
            return meant
    return found


def by_the_letter(ton: int, npi: int, text: str) -> tuple[str, str]:
    """The algorithm of the reference, step by step."""
    if npi not in (0, 1):
        return "", "destination_npi"
    if ton not in (0, 1, 2, 3, 6):
        return "", "destination_ton"
    number = "".join(text.split())
    plus = number.startswith("+")
    number = number.removeprefix("+")
    if not number or any(digit not in "0123456789" for digit in number):
        return "", "destination_malformed"
    if plus and (ton in (3, 6) or number.startswith("0")):
        return "", "destination_malformed"
    if len(number) > 18:
        return "", "destination_wrong_length"
    if ton in (3, 6):
        row = narrowest(number)
        if row is None or row.type != "sms_short_code":
            return "", "destination_malformed"
        return number, row.type
    with_prefix = not plus and number.startswith("00") and len(number) > 2
    if plus or ton == 1 or with_prefix:
        return international(number[2:] if with_prefix else number)
    if ton == 0 and (
        (len(number) == 10 and number[:2] == "47") or (len(number) == 14 and number[:4] == "4758")
    ):
        return international(number)
    return national(number)


def international(number: str) -> tuple[str, str]:
    """A number that begins with its country code."""
    if number.startswith("0"):
        return "", "destination_malformed"
    if not number.startswith("47") or len(number) < 3:
        return "", "destination_foreign" if 7 <= len(number) <= 15 else "destination_wrong_length"
    found = national(number[2:])
    return ("", "destination_malformed") if found[1] == "sms_short_code" else found


def national(number: str) -> tuple[str, str]:
    """A national number, by the table."""
    row = narrowest(number)
    if row is not None:
        return number, row.type
    if number[:2] in PREFIXES:
        return "", PREFIXES[number[:2]]
    if len(number) not in LEGAL_LENGTHS or len(number) == 12 or (len(number) == 8 and number[:2] == "58"):
        return "", "destination_wrong_length"
    return "", "destination_unassigned"

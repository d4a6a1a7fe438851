"""A form as a browser sends it."""

from urllib.parse import parse_qs

from starlette.requests import Request

#: longest form, in octets; what is beyond is not read
_LONGEST = 8192


async def read_form(request: Request) -> dict[str, str]:
    """Field -> what was entered, the first of each name."""
    body = (await request.body())[:_LONGEST].decode("utf-8", "replace")
    return {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}

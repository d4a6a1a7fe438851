"""What the API needs from the engine: every call that it makes, and what it hands over and gets back.

All calls happen on the event loop's thread, one at a time; none may block. What is handed over was validated
before: a body holds only the keys that the client gave, with every moment an `int` (ms since the Unix epoch
on the SMSC clock); a duration stays a number of seconds or a text such as "40m". What comes back is ready for
JSON: moments as RFC 3339 text, message ids as decimal text.

A call is refused by raising an exception with the attributes of `Refusal`. It is recognised by its shape, so
that this package does not depend on where the engine defines it.

`control.Control` and `server.Server` are always there; the other protocols are what an engine or a server may
offer besides, and their calls are in the API when it does.
"""

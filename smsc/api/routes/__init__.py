"""The calls of the API, one module for each kind of thing.

Each has a function `router(server)` whose routes hand the validated request to the control facade and its
answer back. A call that changes something answers only after `server.committed()`.
"""

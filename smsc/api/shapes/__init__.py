"""What the calls answer, for the OpenAPI description: one module for each kind of thing, as in `routes`.

The engine's documents are sent as they are, and not checked against it.
"""

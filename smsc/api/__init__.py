"""The HTTP control API: a thin skin over the engine's control facade.

Import the parts by their module (`smsc.api.app`, `smsc.api.listener`): this package
itself loads nothing, so that commands which serve no HTTP do not pay for the web framework.
"""

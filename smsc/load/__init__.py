"""The load generator: many binds, exact latencies, and an account of every message and receipt. Works with
any SMSC.

`plan` says what to send, `templates` prepares it as octets, `lane` (compiled) is one bind's window,
`reconciliation` (compiled) follows each message until its receipt, `histogram` (compiled) counts latencies,
`runner` moves the octets, `report` and `plot` show the result, `command` is the command line.
"""

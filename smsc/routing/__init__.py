"""Who says it, may they, to whom: number plan, subscribers, accounts and the router. Pure domain."""

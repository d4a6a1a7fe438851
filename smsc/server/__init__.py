"""The asyncio rim: listeners, connections, the clock's hand, shutdown."""

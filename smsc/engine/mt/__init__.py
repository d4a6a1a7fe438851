"""To the handset: queues, reachability, attempts, retries, alerts, receipts. Never imports `mo`."""

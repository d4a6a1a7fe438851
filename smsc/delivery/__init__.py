"""Pure domain: messages, one queue per recipient, retry schedules, validity and receipts."""

"""Nød-SMS: who is registered, the dialogues with emergency centres, and where the sender is."""

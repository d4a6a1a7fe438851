"""The contact and reservation register: people, who may ask about them, and notifications."""

"""What is kept: the group commit, rows of the store, the index of messages, ids."""

"""Finding messages: the grammar of a search, what a message shows to it, walks past many in short steps."""

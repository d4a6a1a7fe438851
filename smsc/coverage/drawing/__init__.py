"""Coverage as it is drawn: the map as a picture, and what `smsc coverage` prints."""

"""Request bodies: strict, no unknown fields; what was not given is not there. One module a kind of thing."""

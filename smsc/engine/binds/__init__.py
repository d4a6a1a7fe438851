"""Who is bound: binds and the numbers they serve, authentication, back-off, passwords."""

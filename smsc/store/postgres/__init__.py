"""The store in PostgreSQL: many can read it, one server writes."""

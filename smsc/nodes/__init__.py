"""Who of several nodes runs what: pure rules, without a store and without time."""

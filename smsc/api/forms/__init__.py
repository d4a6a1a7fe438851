"""The public pages for browsers that run no script: plain forms, answered with pages, in the same words.

Nothing is decided here: what is sent goes to the calls of the API that the pages with script make, and what
those refuse is said beside its field. Between two steps the server keeps nothing; the form carries it.
"""

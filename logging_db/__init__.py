"""The log in SQLite: the only package that knows the engine. `logging_db.logbook` is its door."""

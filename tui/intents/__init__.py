"""What the keys of the Log screen mean, as edits: plain functions of a logbook and of what was seen. No widget here."""

"""What the cutting room gets of a day, one format a file."""

"""What the log can be told and asked, whatever database keeps it."""

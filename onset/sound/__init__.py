"""What the sound department brings: wave files with their own words, and sound reports."""

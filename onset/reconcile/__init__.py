"""What script, camera, sound and media each claim about a day, where they differ, and may a card be formatted."""

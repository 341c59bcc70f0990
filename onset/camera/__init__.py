"""What the camera department brings: clips on a card, and camera reports."""

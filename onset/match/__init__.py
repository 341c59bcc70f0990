"""Which clip and which sound file belong to which take: pure arithmetic, no log, no file, no clock."""

"""What a camera's file names say: camera, reel, clip number, maker. Filled in by one ordered table of patterns."""

"""The script comes in: Fountain, Final Draft and lists of scenes, one format a file."""

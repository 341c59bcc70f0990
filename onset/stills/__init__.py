"""Stills of a folder: what each file is, which take it was taken at, and its copy in the production."""

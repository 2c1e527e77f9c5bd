"""The Score page and its parts."""

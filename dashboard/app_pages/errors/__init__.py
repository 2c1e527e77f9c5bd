"""The Errors page and its parts."""

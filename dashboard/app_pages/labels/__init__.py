"""The Labels page and its parts."""

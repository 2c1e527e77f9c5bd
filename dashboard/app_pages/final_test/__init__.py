"""The Final test page and its parts."""

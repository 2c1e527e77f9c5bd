"""Near-duplicates: pairs and clusters of nearly the same text, and how two mails differ."""

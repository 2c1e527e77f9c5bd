"""Which mails are nearly the same text, and in what two of them differ."""

"""What a mail is: datasets of labelled mails, and the parts that a mail has."""

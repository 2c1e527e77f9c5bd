"""What a mail is: datasets of labelled mails, hidden characters, quoted lines and mail files."""

"""E-mails: what kinds there are, their templates, how one is written, and which state it is in. Sending is the workers'."""

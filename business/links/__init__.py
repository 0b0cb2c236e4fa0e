"""Links that let somebody in without a password: to one booking, one calendar, one conversation, one address."""

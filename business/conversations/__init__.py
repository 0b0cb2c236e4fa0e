"""Conversations: the log, the messages, the turns. The only writer of its tables in the ai schema."""

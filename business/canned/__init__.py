"""Canned replies: what staff say often, behind a shortcut. The only writer of its table in the ops schema."""

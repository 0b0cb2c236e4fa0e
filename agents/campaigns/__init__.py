"""Drafts text messages of campaigns for staff. It sends nothing, keeps nothing and answers no customer."""

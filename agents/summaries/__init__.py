"""What was said in short, for models that are shown the rest of a conversation, and for colleagues who take it over."""

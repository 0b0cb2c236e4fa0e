"""What stands in a conversation and changes: the words of quotes and holds, in the conversation's language, without a fact of their own."""

"""Who shall answer: what a message is about, by its nearest example sentences, where words and rules do not say."""

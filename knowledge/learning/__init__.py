"""What the business learns from its own conversations: candidates beside what customers got, and what people think of them."""

"""How a reply is said: its language, length, tone and end, checked and mended while a model's words come. What it states is the guard's."""

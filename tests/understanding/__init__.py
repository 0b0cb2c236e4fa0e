"""Understanding: what customers write, in both languages, and what is made of it."""

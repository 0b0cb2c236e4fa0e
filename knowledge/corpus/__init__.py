"""What the business has written: read, split, embedded, searched by meaning and by words, cited."""

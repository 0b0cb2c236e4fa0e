"""The guard of what goes out: no figure and no promise reaches a customer but those that somebody has licensed."""

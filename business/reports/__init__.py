"""Questions over the data that are worth asking again: read-only, with typed parameters, explained by what really ran."""

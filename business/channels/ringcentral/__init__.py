"""RingCentral, by its HTTP API: the only files that know it. What is asked of it, and what could not be confirmed, stands in
docs/ringcentral.md."""

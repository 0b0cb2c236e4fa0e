"""The thin path: what is read off the wire, held against LiteLLM's own reading and against every fault."""

"""The wire: every event that crosses a socket, as models. The public documents and the client's types are generated from these."""

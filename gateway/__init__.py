"""Live sessions: the edge where sockets and requests come in, and the command line that starts it all."""

"""HTTP beside the sockets: the console's login, health, documents."""

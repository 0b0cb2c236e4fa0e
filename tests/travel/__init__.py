"""Travel: providers that speak the real protocols, on loopback."""

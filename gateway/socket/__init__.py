"""The Socket.IO edge: who may connect, what they may send, how it is acknowledged."""

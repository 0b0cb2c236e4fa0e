"""`hibachi demo`: an install of its own, busy with scripted people and a scripted provider; gone when it stops."""

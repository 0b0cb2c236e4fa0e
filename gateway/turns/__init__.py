"""Turns: who runs a reply, how its tokens leave, how it is cut. Knows no socket; imports neither starlette nor socketio."""

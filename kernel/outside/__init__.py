"""The way to other people's servers: where connections may go, and that they go there and nowhere else."""

"""A customer talks, an admin watches and takes over: real gateways, real worker, scripted provider."""

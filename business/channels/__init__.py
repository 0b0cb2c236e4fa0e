"""Channels: how messages reach a customer elsewhere than on a page. A channel is an adapter of somebody who carries messages; what goes out
passes one function, which asks consent, hours and limits; what comes in goes on in the conversation of its number."""

"""The user's settings, and the network as they say."""

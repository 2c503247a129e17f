"""The members of the network, and finding one by any of its names."""

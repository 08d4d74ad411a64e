"""Peers: each driven by its documented API, in an environment of its own; all speak the protocol of `harness`."""

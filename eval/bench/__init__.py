"""The bench: how fast and small Ibid is, beside its peers and beside what this machine can do at most."""

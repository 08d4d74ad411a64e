"""Fetch what a paper cites: politely, safely, and kept on a shelf with where it came from."""

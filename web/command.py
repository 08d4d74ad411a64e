"""The command `ibid serve`."""


def serve() -> None:
    """Serve the page and the API."""

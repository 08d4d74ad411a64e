"""The command `ibid eval`."""


def evaluate() -> None:
    """Measure answers against a dataset."""

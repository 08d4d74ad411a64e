"""The eval: how often the passages hold the answer, and whether Ibid knows when they do not."""

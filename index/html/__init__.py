"""Read web pages: what a reader sees of them, as blocks and facts."""

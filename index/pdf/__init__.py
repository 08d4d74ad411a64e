"""Read PDFs: the lines that a reader sees, as blocks in the order of reading."""

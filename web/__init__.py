"""The page and the API: question in, passages out, over HTTP."""

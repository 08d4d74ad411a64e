"""Files that a browser keeps."""

from urllib.parse import quote

from fastapi import Response


def send_file(text: str, media_type: str, filename: str) -> Response:
    """Return a text as a file of that name; lone surrogates in it become question marks."""
    # The plain name is for programs that know no other.
    name = filename.encode("ascii", "replace").decode().translate({ord(char): "_" for char in '"?\\'})
    disposition = f"attachment; filename=\"{name}\"; filename*=UTF-8''{quote(filename, safe='')}"
    headers = {"content-disposition": disposition}
    return Response(text.encode(errors="replace"), media_type=media_type, headers=headers)

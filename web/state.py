"""What a route is given: the index in force at the moment of the request, and the settings."""

from typing import Annotated, cast

from fastapi import Depends, Request

from index.bundle import Index, LiveIndex
from index.errors import PaperError
from index.settings import Settings

PAPER_COOKIE = "ibid_paper"


def get_index(request: Request) -> Index:
    """Return the index in force of the paper that this browser has open, which a build may have swapped since.

    A paper that is gone by now is the same as none: then it is the one in use.

    Raises:
        IbidError: There is none that can be used.
    """
    live = get_live(request)
    name = request.cookies.get(PAPER_COOKIE)
    try:
        return live.get(name)
    except PaperError:
        return live.get()


def get_live(request: Request) -> LiveIndex:
    """Return what opens the index of any paper of the home."""
    return cast("LiveIndex", request.app.state.live)


def get_settings(request: Request) -> Settings:
    """Return the settings that the server was started with."""
    return cast("Settings", request.app.state.settings)


Live = Annotated[LiveIndex, Depends(get_live)]
IndexInForce = Annotated[Index, Depends(get_index)]
SettingsInForce = Annotated[Settings, Depends(get_settings)]

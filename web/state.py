"""What a route is given: the index in force at the moment of the request, and the settings."""

from typing import Annotated, cast

from fastapi import Depends, Request

from index.bundle import Index, LiveIndex
from index.settings import Settings


def get_index(request: Request) -> Index:
    """Return the index in force, which a build may have swapped since the last request.

    Raises:
        IbidError: There is none that can be used.
    """
    return cast("LiveIndex", request.app.state.live).get()


def get_settings(request: Request) -> Settings:
    """Return the settings that the server was started with."""
    return cast("Settings", request.app.state.settings)


IndexInForce = Annotated[Index, Depends(get_index)]
SettingsInForce = Annotated[Settings, Depends(get_settings)]

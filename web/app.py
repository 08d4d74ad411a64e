"""The application: API and pages over one index, behind the guard."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version

from fastapi import FastAPI
from fastapi.staticfiles import StaticFiles
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from index.bundle import LiveIndex
from index.settings import Settings
from qa.conversations import FILE_NAME, Conversations
from web import api, facsimiles, job_pages, papers, site, sources, talk, threads
from web.assets import serve_assets
from web.easel import Easel
from web.errors import install_error_handlers
from web.guard import Guard, is_loopback
from web.jobs import Jobs

LOCAL_HOSTS = ("127.0.0.1", "localhost", "[::1]")


def create_app(settings: Settings, *, hosts: Sequence[str] = LOCAL_HOSTS, may_add: bool | None = None) -> FastAPI:
    """Return the application; the index is opened with the first request that needs it.

    Args:
        settings: Where the index is and how to search it.
        hosts: Names by which the server may be called.
        may_add: Whether readers may add papers; None lets them while no other machine can call the server.
    """
    jobs = Jobs(settings)
    app = FastAPI(
        title="Ibid",
        summary="Ask a scholarly paper, and everything it cites.",
        version=version("ibid"),
        # FastAPI's own pages load scripts from elsewhere; ours is in `site`.
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        # Questions stay here, whatever OTEL_* variables are around.
        telemetry={"auto_configure": False, "tracing": False, "metrics": False, "logs": False},
        lifespan=_closing(jobs),
        middleware=[Middleware(Guard, hosts=hosts, upload_max_bytes=settings.upload_max_bytes)],
    )
    app.state.settings = settings
    app.state.live = LiveIndex(settings)
    app.state.easel = Easel()
    app.state.conversations = Conversations(settings.home / FILE_NAME)
    app.state.is_shared = not all(map(is_loopback, hosts))
    app.state.jobs = jobs
    app.state.may_add = not app.state.is_shared if may_add is None else may_add
    for routes in (api, site, facsimiles, talk, threads, papers, sources, job_pages):
        app.include_router(routes.router)
    app.mount("/static", serve_assets())
    app.mount("/docs/assets", StaticFiles(packages=[("fastapi_swagger", "resources")]))
    install_error_handlers(app)
    return app


def _closing(jobs: Jobs) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Return what ends all works with the server."""

    @asynccontextmanager
    async def live(_: FastAPI) -> AsyncIterator[None]:
        yield
        await run_in_threadpool(jobs.close)

    return live

"""The job that carries out confirmed imports and erases forgotten ones."""

from __future__ import annotations

import asyncio

import anyio.to_thread
import structlog
from sqlalchemy.exc import SQLAlchemyError

from clinic.clock import now
from clinic.services import Services
from clinic.waiting_list.service import give_up_old_imports, is_anything_due, work_on_imports

logger = structlog.get_logger(__name__)
_LOOK_EVERY_S = 2.0


def import_once(services: Services) -> bool:
    """One part of one import, and what was forgotten. Returns whether there is more to do."""
    # Read first: a write lock every two seconds, for nothing, would hold up patients' messages.
    with services.database.read() as session:
        if not is_anything_due(session):
            return False
    with services.database.write() as session:
        give_up_old_imports(session)
        return work_on_imports(session, today=now().date())


async def look_for_imports(services: Services) -> None:
    """Until cancelled."""
    while True:
        try:
            is_busy = await anyio.to_thread.run_sync(lambda: import_once(services))
        except SQLAlchemyError as error:
            logger.error("import_database_unavailable", error=type(error).__name__)
            is_busy = False
        # Others want to write, too.
        await asyncio.sleep(0.02 if is_busy else _LOOK_EVERY_S)

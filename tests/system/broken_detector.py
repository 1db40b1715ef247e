"""The clinic service with a detector that raises, as a process: what a broken model file or library would do."""

from __future__ import annotations

from collections.abc import Sequence

import uvicorn

from clinic.app import create_app
from clinic.encryption import configure_encryption
from clinic.operations.logging import configure_logging
from clinic.services import Services
from clinic.settings import Settings
from risk import Verdict


class BrokenDetector:
    """Never gives a verdict."""

    def screen(self, text: str, *, previous: Sequence[str] = ()) -> Verdict:
        raise RuntimeError(f"cannot screen {text}")


if __name__ == "__main__":
    settings = Settings()
    configure_logging(as_json=False)
    configure_encryption(settings)
    services = Services.build(settings, detector=BrokenDetector())
    uvicorn.run(create_app(services), host="127.0.0.1", port=settings.port, log_level="warning", access_log=False)

"""Celery's loader: without a search of the working folder, and with our store of results.

Celery imports task modules with the working folder first on the module path, so a `deltalake.py`
there would be imported in place of the library.
"""

from __future__ import annotations

import importlib
from typing import Any, ClassVar

from celery.loaders.app import AppLoader


class InstalledLoader(AppLoader):  # type: ignore[misc]  # celery ships no types: its base is Any
    """A loader of task modules that uses Python's own search path."""

    override_backends: ClassVar[dict[str, str]] = dict.fromkeys(
        ("redis", "rediss"), "tasks.celery_setup.result_backend:ResultBackend"
    )

    def import_from_cwd(self, module: str, imp: Any = None, package: str | None = None) -> Any:
        """Import a module; `imp` is Celery's own import function, used where it is given."""
        return (imp or importlib.import_module)(module, package=package)

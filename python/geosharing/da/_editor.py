"""Editor."""

from __future__ import annotations

import os
from typing import Any

from ..exceptions import MissingError
from ..gp.values import literal_path

__all__ = ["Editor"]


class Editor:
    """An edit session in name: files need none, so changes are stored as the cursors make them.

    What an operation did is not undone by `abortOperation` or `stopEditing(False)`; a warning says so.
    A cursor's own `with` block undoes its changes where the format has transactions (GeoPackage).

    https://pro.arcgis.com/en/pro-app/latest/arcpy/data-access/editor.htm
    """

    def __init__(self, workspace: Any, multiuser_mode: bool | None = None) -> None:
        self.workspacePath = literal_path(workspace)
        if not os.path.exists(self.workspacePath) and not self.workspacePath.lower().startswith("memory"):
            raise MissingError(f"the workspace `{self.workspacePath}` does not exist", 732)
        self.isEditing = False
        self._operation = False

    def __enter__(self) -> Editor:
        self.startEditing()
        self.startOperation()
        return self

    def __exit__(self, kind: Any, error: Any, trace: Any) -> None:
        if kind is None:
            self.stopOperation()
            self.stopEditing(True)
        else:
            self.abortOperation()
            self.stopEditing(False)

    def startEditing(self, with_undo: bool = False, multiuser_mode: bool | None = None) -> None:
        """Begin."""
        self.isEditing = True

    def startOperation(self) -> None:
        """Begin an operation."""
        if not self.isEditing:
            raise RuntimeError("start editing first: call startEditing()")
        self._operation = True

    def stopOperation(self) -> None:
        """End an operation."""
        self._operation = False

    def abortOperation(self) -> None:
        """End an operation; what it did stays."""
        import warnings

        warnings.warn(
            "edits of an aborted operation stay: file data has no undo", RuntimeWarning, stacklevel=2
        )
        self._operation = False

    def undoOperation(self) -> None:
        """Raise: nothing is undone."""
        raise NotImplementedError("file data has no undo; copy it before you edit")

    def redoOperation(self) -> None:
        """Raise: nothing is redone."""
        raise NotImplementedError("file data has no redo")

    def stopEditing(self, save_changes: bool = True) -> None:
        """End; what was done stays."""
        self.isEditing = False

"""Folders: where an object stands in the lists."""

from enum import StrEnum


class Folder(StrEnum):
    """The three folders of FreshBooks."""

    ACTIVE = "active"
    ARCHIVED = "archived"
    DELETED = "deleted"


# A list that names no folder shows these. Source: documented.
LISTED = (Folder.ACTIVE, Folder.ARCHIVED)

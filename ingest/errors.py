"""The errors that a user can cause or mend.

::

    CreditsError            one clear line: what was wrong, with which value, what to do
    ├── SettingsError       an environment variable has an unusable value
    ├── ArgumentError       an argument of a command can't be used, or names nothing
    ├── HomeError           the home directory cannot be read or written
    ├── MappingError        an export that people made is faulty; names file, row and column
    ├── WarehouseError      the build database cannot be used as it is
    │   ├── LockedError     another process is writing
    │   ├── DamagedError    its file is damaged: it is made again from landing
    │   ├── OlderWarehouseError     its raw tables have another definition: it is made again from landing
    │   └── NewerWarehouseError
    ├── PublishError        a check failed, or a version could not be written
    ├── StorageError        object storage could not be used; `is_passing` if it may go well later
    │   ├── MissingObjectError      there is no such object
    │   ├── ObjectChangedError      the object is another one than was expected
    │   └── UnusableNameError       an object's name can't be a path
    └── CortiError          Corti could not be asked; `reason` is one short word
        ├── LoginError      it refuses the account's credentials
        ├── BalanceError    it refuses because there are no credits left (429, A0021)
        └── GoneError       there is no such resource (404)

Every message is safe to log: it has names, counts and reasons, never the content of a record.
"""

from __future__ import annotations

from typing import ClassVar


class CreditsError(Exception):
    """Base of all errors that end a command with one line on standard error and `exit_code`."""

    exit_code: ClassVar[int] = 1
    """1: nothing was published. 2: an argument or setting is wrong. 3: a person has to mend what was left out."""


class SettingsError(CreditsError):
    """An environment variable has an unusable value."""

    exit_code = 2


class ArgumentError(CreditsError):
    """An argument of a command can't be used, or names something that does not exist."""

    exit_code = 2


class HomeError(CreditsError):
    """A folder below the home directory cannot be read or written."""


class MappingError(CreditsError):
    """An export that people made is faulty: mappings, rates, quotas, adjustments. `faults` are the faults up to a
    maximum; the message is the first one, and says how many more there are.
    """

    def __init__(self, message: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults or (message,)


class WarehouseError(CreditsError):
    """The build database cannot be used as it is."""


class OlderWarehouseError(WarehouseError):
    """The raw tables of a build database have another definition than in this version of the project."""


class NewerWarehouseError(WarehouseError):
    """A newer version of this project wrote the build database."""


class LockedError(WarehouseError):
    """Another process holds the build database."""


class DamagedError(WarehouseError):
    """The file of a build database is damaged."""


class PublishError(CreditsError):
    """A version could not be checked or written; the published one is unchanged."""


class StorageError(CreditsError):
    """Object storage could not be used. `is_passing` says whether the same request may go well a little later."""

    def __init__(self, message: str, *, is_passing: bool = False) -> None:
        super().__init__(message)
        self.is_passing = is_passing


class MissingObjectError(StorageError):
    """There is no such object."""


class ObjectChangedError(StorageError):
    """There is another object than was expected: somebody else has written it."""


class UnusableNameError(StorageError):
    """An object's name can't be a path, so the store's client can't list what lies beside it."""


class CortiError(CreditsError):
    """Corti could not be asked, or gave no usable answer. `reason` is one short word, for lists and models."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class LoginError(CortiError):
    """Corti refuses the credentials of an account."""


class BalanceError(CortiError):
    """Corti refuses because there are no credits left, or no valid contract."""


class GoneError(CortiError):
    """Corti has no such interaction, transcript or document, or no longer has it."""

"""The errors that a user can cause or mend.

::

    CreditsError            one clear line: what was wrong, with which value, what to do
    ├── SettingsError       an environment variable holds something unusable
    ├── ArgumentError       an argument of a command can't be used, or names nothing
    ├── HomeError           the home directory cannot be read or written
    ├── MappingError        an export that people made is faulty; names file, row and column
    ├── WarehouseError      the build database cannot be used as it is
    │   ├── LockedError     another process is writing
    │   ├── DamagedError    its file is proven to be damaged: it is made anew from landing
    │   ├── OlderWarehouseError     its raw tables are defined otherwise: it is made again from landing
    │   └── NewerWarehouseError
    ├── PublishError        a check failed, or a version could not be written
    └── CortiError          Corti could not be asked; `reason` is one short word
        ├── LoginError      it refuses the account's credentials
        ├── BalanceError    it refuses for want of credits (429, A0021)
        └── GoneError       it knows no such thing (404)

Every message is safe to log: it holds names, counts and reasons, never the content of a record.
"""

from __future__ import annotations

from typing import ClassVar


class CreditsError(Exception):
    """Base of all errors that end a command with one line on standard error and `exit_code`."""

    exit_code: ClassVar[int] = 1
    """1: nothing was published. 2: asked wrongly. 3: published, and something was left out that a person mends."""


class SettingsError(CreditsError):
    """An environment variable holds something unusable."""

    exit_code = 2


class ArgumentError(CreditsError):
    """An argument of a command can't be used, or names nothing that there is."""

    exit_code = 2


class HomeError(CreditsError):
    """A folder below the home directory cannot be read or written."""


class MappingError(CreditsError):
    """An export that people made is faulty: mappings, rates, quotas, adjustments. `faults` are all that were found, up
    to a bound; the message is the first of them, and says how many more there are.
    """

    def __init__(self, message: str, faults: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.faults = faults or (message,)


class WarehouseError(CreditsError):
    """The build database cannot be used as it is."""


class OlderWarehouseError(WarehouseError):
    """The raw tables of a build database are not defined as this version of the project defines them."""


class NewerWarehouseError(WarehouseError):
    """A newer version of this project wrote the build database."""


class LockedError(WarehouseError):
    """Another process holds the build database."""


class DamagedError(WarehouseError):
    """The file of a build database is no sound DuckDB database."""


class PublishError(CreditsError):
    """A version could not be checked or written; the published one is untouched."""


class CortiError(CreditsError):
    """Corti could not be asked, or gave no usable answer. `reason` is one short word, for lists and models."""

    def __init__(self, message: str, reason: str) -> None:
        super().__init__(message)
        self.reason = reason


class LoginError(CortiError):
    """Corti refuses the credentials of an account."""


class BalanceError(CortiError):
    """Corti refuses for want of credits, or of a valid contract."""


class GoneError(CortiError):
    """Corti knows no such interaction, transcript or document, or no longer."""

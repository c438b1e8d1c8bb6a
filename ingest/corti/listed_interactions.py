"""What earlier pulls have listed, read from their files below `landing/`; there is no other record of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from ingest.contract.datasets import CORTI_INTERACTIONS
from ingest.contract.forms import read_time
from ingest.contract.landing_listing import ready_files
from ingest.contract.landing_writer import made_at
from ingest.corti.accounts import Account
from ingest.corti.listing import Interaction
from ingest.error_lines import safe_line
from ingest.errors import HomeError
from ingest.sql_text import path_as_text

_COLUMNS = {
    "environment": "VARCHAR",
    "cortiTenant": "VARCHAR",
    "interactionId": "VARCHAR",
    "updatedAt": "VARCHAR",
    "pulledAt": "VARCHAR",
}


@dataclass(frozen=True)
class ListedInteractions:
    """Interactions of one account whose resources have been listed, as of their last listing.

    If a listing was made within `settle` after the interaction's last change, it is made once more after that time,
    because Corti does not promise that every new resource changes `updatedAt`.
    """

    connection: duckdb.DuckDBPyConnection
    settle: timedelta

    @classmethod
    def of(cls, landing: Path, account: Account, since: datetime, settle: timedelta) -> ListedInteractions:
        """Read the files' interactions that were created at `since` (aware) or later.

        Raises:
            HomeError: the folder or a file can't be read.
        """
        connection = duckdb.connect(config={"memory_limit": "256MB", "threads": 1})
        connection.execute("create table known (interaction_id varchar, updated_at varchar, pulled_at varchar)")
        for file in ready_files(landing, CORTI_INTERACTIONS):
            made = made_at(file.absolute)
            # A file has nothing that was created after it was begun, except during the time that writing it took.
            if not file.path.endswith(".jsonl") or (made is not None and made < since - timedelta(days=2)):
                continue
            try:
                connection.execute(
                    """
                    insert into known
                    select interactionId, updatedAt, pulledAt
                    from read_json($path, format = 'newline_delimited', ignore_errors = true, columns = $columns)
                    where environment = $environment and cortiTenant = $tenant and interactionId is not null
                    """,
                    {
                        "path": path_as_text(file.absolute),
                        "columns": _COLUMNS,
                        "environment": account.environment,
                        "tenant": account.tenant,
                    },
                )
            except duckdb.Error as error:
                raise HomeError(f"{file.path} cannot be read ({safe_line(error)}): mend or remove it.") from None
        connection.execute(
            """
            create table last_known as
            select interaction_id, arg_max(updated_at, pulled_at) as updated_at, max(pulled_at) as pulled_at
            from known group by interaction_id
            """
        )
        connection.execute("drop table known")
        return cls(connection, settle)

    def close(self) -> None:
        """Free the memory."""
        self.connection.close()

    def to_list(self, interactions: Iterable[Interaction], now: datetime) -> list[Interaction]:
        """The interactions whose resources must be listed: new, changed, and not yet settled ones."""
        interactions = list(interactions)
        seen = self._seen([interaction.id for interaction in interactions])
        return [interaction for interaction in interactions if self._is_due(interaction, seen.get(interaction.id), now)]

    def _seen(self, ids: list[str]) -> Mapping[str, tuple[str | None, str]]:
        rows = self.connection.execute(
            "select interaction_id, updated_at, pulled_at from last_known where interaction_id in (select unnest(?))",
            [ids],
        ).fetchall()
        return {identity: (updated_at, pulled_at) for identity, updated_at, pulled_at in rows}

    def _is_due(self, interaction: Interaction, seen: tuple[str | None, str] | None, now: datetime) -> bool:
        if seen is None or seen[0] != interaction.updated_at:
            return True
        pulled = read_time(seen[1])
        changed = read_time(interaction.updated_at) if interaction.updated_at else interaction.created
        if pulled is None or changed is None:
            return True
        return pulled < changed + self.settle <= now

"""`credits share`: write each customer's own rows of the published version into a folder of its own."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from ingest.errors import ArgumentError
from ingest.settings import Settings
from ingest.wording import counted
from orchestration.commands.output_file import file_names, refusal
from orchestration.published_names import find_tenant, published_tenants
from orchestration.published_version import MANIFEST, UNMAPPED
from orchestration.shares.share import OpenVersion, opened_for_shares, write_share

Show = Callable[[str], object]


def write_shares(settings: Settings, tenants: Sequence[str], out: Path, show: Show) -> None:
    """Write the shares of the customers that `tenants` mean (see `find_tenant`), or of all customers if it is empty,
    each into a folder of its own below `out`. A folder is replaced whole or not at all.

    Raises:
        ArgumentError: there is no such customer, or the folder can't be written.
        NotPublishedError: nothing is published.
        CreditsError: a share can't be read, made or written.
    """
    names = file_names([tenant.tenant_id for tenant in published_tenants(settings)])
    wanted = dict.fromkeys(find_tenant(settings, tenant) for tenant in tenants) or dict.fromkeys(names)
    if UNMAPPED in wanted:
        raise ArgumentError(
            f"{UNMAPPED} is not a customer: mart_unmapped_usage lists the usage without a known customer."
        )
    with opened_for_shares(settings) as version:
        try:
            out.mkdir(parents=True, exist_ok=True)
            for tenant in wanted:
                _replace(version, tenant, out / names[tenant])
        except OSError as error:
            raise refusal(Path(error.filename or out), error) from None
        made = version.manifest["version"]
    show(f"wrote {counted(len(wanted), 'share')} of version {made} to {out}")


def _replace(version: OpenVersion, tenant: str, folder: Path) -> None:
    """Write a share beside its folder, then put it in the folder's place."""
    if folder.exists() and not (folder / MANIFEST).is_file() and any(folder.iterdir()):
        raise ArgumentError(f"{folder} holds other files than a share: give another --out.")
    partial, former = (folder.with_name(f".{folder.name}.{os.getpid()}.{end}") for end in ("partial", "former"))
    try:
        partial.mkdir()
        write_share(version, tenant, partial)
        if folder.exists():
            folder.rename(former)
        try:
            partial.rename(folder)
        except OSError:
            if former.exists():
                former.rename(folder)
            raise
    finally:
        for left in (partial, former):
            shutil.rmtree(left, ignore_errors=True)

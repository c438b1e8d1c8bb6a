"""A customer's share has all of its rows, and no byte of another customer's."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from ingest.settings import load_settings
from orchestration.cli import main
from orchestration.shares.share import TABLES, opened_for_shares, write_share
from tests.end_to_end.billing_homes import MARCH, close
from tests.end_to_end.driving import Row, Warehouse
from tests.orchestration.homes import Ended

CUSTOMERS = ("zorilla", "quokka", "axolotl")
PRICES = {"zorilla": "0.731", "quokka": "0.547", "axolotl": "0.393"}
SHARED_USER = "roaming-doctor"


def marks(tenant: str) -> list[str]:
    """Texts that occur in what was delivered about a customer, and in nothing about another."""
    return [tenant, f"{tenant} clinic", f"{tenant}-user", f"Dr {tenant}", f"{tenant}-visit", f"{tenant}-account"]


def usage(tenant: str, month: str) -> list[Row]:
    account = {"environment": f"{tenant}-env", "cortiTenant": f"{tenant}-account"}
    return [
        {
            "id": f"{tenant}-resource-{month}-{number}",
            "kind": f"{tenant}_kind",
            "interactionId": f"{tenant}-visit-{number}",
            "userId": SHARED_USER if number == 0 else f"{tenant}-user-{number}",
            "tenantId": tenant,
            "credits": f"{number}.{len(tenant)}",
            "createdAt": f"{month}-1{number}T12:00:00Z",
            "dimensions": {"template": f"{tenant}-template"},
            **account,
        }
        for number in range(6)
    ]


def deliver(warehouse: Warehouse) -> None:
    users = ["userId,tenantId,displayName,email"]
    for tenant in CUSTOMERS:
        users += [f"{tenant}-user-{n},{tenant},Dr {tenant} {n},{tenant}-{n}@example.org" for n in range(1, 6)]
    warehouse.deliver("mappings/users/users-2025-01-01.csv", "\n".join(users) + "\n")
    names = "".join(f"{tenant},The {tenant} clinic\n" for tenant in CUSTOMERS)
    warehouse.deliver("mappings/tenants/tenants-2025-01-01.csv", f"tenantId,name\n{names}")
    header = "tenantId,pricePerCredit,currency,validFrom\n"
    rates = "".join(f"{tenant},{price},EUR,2024-01-01\n" for tenant, price in PRICES.items())
    warehouse.deliver("billing/rates/rates.csv", header + rates)
    header = "adjustmentId,tenantId,credits,effectiveDate,reason\n"
    notes = "".join(f"{tenant}-note,{tenant},-1,2025-03-15,{tenant} training\n" for tenant in CUSTOMERS)
    warehouse.deliver("billing/adjustments/notes.csv", header + notes)
    header = "tenantId,userId,period,credits,validFrom\n"
    quotas = "".join(f"{tenant},,month,10,2025-01-01\n" for tenant in CUSTOMERS)
    quotas += f",{SHARED_USER},month,10,2025-01-01\n"
    warehouse.deliver("billing/quotas/quotas.csv", header + quotas)
    for month in ("2025-03", "2025-04"):
        for tenant in CUSTOMERS:
            warehouse.usage(f"{tenant}-{month}.jsonl", *usage(tenant, month))


@pytest.fixture(scope="module")
def published_home(shared_home: Warehouse, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three customers with a closed month, and one operation of it that moves from one customer to another."""
    shared_home.empty()
    deliver(shared_home)
    stray = {"id": "stray", "kind": "facts", "credits": "9", "createdAt": "2025-03-09T12:00:00Z"}
    shared_home.usage("stray.jsonl", {**stray, "interactionId": "stray-visit"})
    header = "interactionId,userId,tenantId\n"
    shared_home.deliver("mappings/interactions/a.csv", f"{header}stray-visit,{SHARED_USER},zorilla\n")
    close(shared_home, MARCH)
    shared_home.deliver("mappings/interactions/b.csv", f"{header}stray-visit,{SHARED_USER},quokka\n")
    shared_home.run()
    copy = tmp_path_factory.mktemp("published") / "home"
    shared_home.keep(copy)
    return copy


@pytest.fixture
def delivered(published_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Warehouse:
    """A home with these customers' version, to read or to damage."""
    home = tmp_path / "home"
    shutil.copytree(published_home, home, symlinks=True)
    monkeypatch.setenv("CREDITS_HOME", str(home))
    return Warehouse(load_settings({"CREDITS_HOME": str(home)}))


def share(*arguments: str) -> Ended:
    ended = CliRunner().invoke(main, ["share", *arguments])
    return Ended(ended.exit_code, ended.stdout, ended.stderr)


def every_byte(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The bytes of the files of a share, their names, and what their compressed parts hold."""
    for path in sorted(folder.rglob("*")):
        yield f"{path}, its name", path.relative_to(folder).as_posix().encode()
        if path.is_file():
            yield str(path), path.read_bytes()
        if path.suffix == ".parquet":
            file = pq.ParquetFile(path)
            statistics = [
                str(file.metadata.row_group(group).column(column).statistics)
                for group in range(file.metadata.num_row_groups)
                for column in range(file.metadata.num_columns)
            ]
            yield f"{path}, statistics", f"{file.metadata.metadata} {statistics}".encode()
            yield f"{path}, values", str(file.read().to_pydict()).encode()
            # The same pages, dictionaries included, without their compression.
            plain = path.with_suffix(".plain")
            pq.write_table(file.read(), plain, compression="none", use_dictionary=True)
            yield f"{path}, without compression", plain.read_bytes()
            plain.unlink()
        if path.suffix == ".duckdb":
            with duckdb.connect(str(path), read_only=True) as connection:
                tables = connection.execute("select schema_name, table_name from duckdb_tables()").fetchall()
                for schema, table in tables:
                    rows = connection.execute(f'select * from "{schema}"."{table}"').fetchall()
                    stored = connection.execute(f"select * from pragma_storage_info('{schema}.{table}')").fetchall()
                    yield f"{path}, {table}", repr((rows, stored)).encode()


def test_no_byte_of_another_customer_is_in_a_share(delivered: Warehouse, tmp_path: Path) -> None:
    out = tmp_path / "shares"
    assert share("--out", str(out)).code == 0
    assert sorted(path.name for path in out.iterdir()) == sorted(CUSTOMERS)
    found_own = False
    for tenant in CUSTOMERS:
        others = [mark for other in CUSTOMERS if other != tenant for mark in marks(other)]
        others += [Decimal(PRICES[other]).normalize().to_eng_string() for other in CUSTOMERS if other != tenant]
        for where, content in every_byte(out / tenant):
            text = content.lower()
            assert [mark for mark in others if mark.lower().encode() in text] == [], where
            found_own |= f"{tenant}-visit".encode() in content
        # An account may be named for a customer, and who closed a month is nobody's business outside.
        assert not any(
            word in content for _, content in every_byte(out / tenant) for word in (b"-account", b"-env", b"anna")
        )
    assert found_own


def test_not_even_free_space_of_a_database_holds_others_when_nothing_is_compressed(
    delivered: Warehouse, tmp_path: Path
) -> None:
    with opened_for_shares(delivered.settings) as version:
        version.connection.execute("set force_compression = 'uncompressed'")
        for tenant in CUSTOMERS:
            # What the process has read of all customers is in its memory when it writes the file.
            for table in version.tables:
                version.connection.execute(f'select * from version.marts."{table}"').fetchall()
            (tmp_path / tenant).mkdir()
            write_share(version, tenant, tmp_path / tenant)
    for tenant in CUSTOMERS:
        content = (tmp_path / tenant / "credits.duckdb").read_bytes()
        assert f"{tenant}-visit-3".encode() in content and f"The {tenant} clinic".encode() in content
        others = [mark for other in CUSTOMERS if other != tenant for mark in marks(other)]
        assert [mark for mark in others if mark.encode() in content] == []


def test_the_sums_of_a_share_are_the_published_ones(delivered: Warehouse, tmp_path: Path) -> None:
    assert share("--out", str(tmp_path / "shares")).code == 0
    for tenant in CUSTOMERS:
        own = f"tenant_id = '{tenant}'"
        manifest = json.loads((tmp_path / "shares" / tenant / "manifest.json").read_text())
        assert [*manifest["tables"]] == [*TABLES]
        with duckdb.connect(str(tmp_path / "shares" / tenant / "credits.duckdb"), read_only=True) as connection:
            for table, left_out in TABLES.items():
                shared = connection.sql(f"select * from marts.{table}").to_arrow_table()
                kept = shared.column_names
                assert not {*kept} & {*left_out}
                rows = sorted(zip(*(shared[name].to_pylist() for name in kept), strict=True), key=repr)
                assert rows == sorted(delivered.table(table, [f'"{name}"' for name in kept], own), key=repr), table
                parquet = pq.read_table(tmp_path / "shares" / tenant / "parquet" / f"{table}.parquet")
                assert parquet.num_rows == shared.num_rows == manifest["tables"][table]["rows"]
                described = connection.execute(
                    "select count(*) from duckdb_columns() where table_name = ? and comment is null", [table]
                ).fetchall()
                assert described == [(0,)], table
        assert manifest["tables"]["fct_credit_usage"]["credits"] == str(
            delivered.table("fct_credit_usage", ["sum(credits)::decimal(38, 9)"], own)[0][0]
        )


def test_a_share_has_the_operations_of_all_months_even_if_the_database_has_not(
    warehouse: Warehouse, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CREDITS_HOME", str(warehouse.home))
    deliver(warehouse)
    Warehouse(replace(warehouse.settings, published_fact_months=1)).run()
    assert warehouse.table("fct_credit_usage", ["count(*)"]) == [(18,)]
    assert share("quokka", "--out", str(tmp_path)).code == 0
    manifest = json.loads((tmp_path / "quokka" / "manifest.json").read_text())
    assert manifest["tables"]["fct_credit_usage"]["rows"] == 12
    assert not any(b"zorilla" in content for _, content in every_byte(tmp_path / "quokka"))


def test_a_share_is_replaced_whole_and_a_mistake_ends_in_one_line(delivered: Warehouse, tmp_path: Path) -> None:
    out = tmp_path / "shares"
    ended = share("Quokka", "the zorilla", "--out", str(out))
    assert ended.code == 0 and ended.out.startswith("wrote 2 shares of version ")
    (out / "quokka" / "left-over").write_text("x")
    assert share("quokka", "--out", str(out)).code == 0
    assert sorted(path.name for path in (out / "quokka").iterdir()) == ["credits.duckdb", "manifest.json", "parquet"]
    assert sorted(path.name for path in out.iterdir()) == ["quokka", "zorilla"]
    before = (out / "quokka" / "manifest.json").read_bytes()
    for arguments, code, said in (
        (["nobody", "--out", str(out)], 2, "there is no tenant 'nobody'"),
        (["(unmapped)", "--out", str(out)], 2, "(unmapped) is not a customer"),
        (["quokka", "--out", "/proc/no/such"], 2, "can't be written"),
    ):
        ended = share(*arguments)
        assert ended.code == code and said in ended.one_line
    (out / "axolotl").mkdir()
    (out / "axolotl" / "thesis.txt").write_text("mine")
    assert "holds other files than a share" in share("axolotl", "--out", str(out)).one_line
    assert (out / "axolotl" / "thesis.txt").read_text() == "mine"
    database = (delivered.settings.published / "current" / "credits.duckdb").resolve()
    database.chmod(0o644)
    database.write_bytes(b"no database")
    assert share("quokka", "--out", str(out)).code == 1
    assert (out / "quokka" / "manifest.json").read_bytes() == before
    assert sorted(path.name for path in out.iterdir()) == ["axolotl", "quokka", "zorilla"]

"""What Spark needs and may be told; no session is opened."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ingest.errors import SettingsError
from ingest.settings import Settings, load_settings
from orchestration.engines import spark_session
from orchestration.engines.lake import lake_uri
from orchestration.engines.spark_session import EngineError, require_spark, session_properties
from orchestration.engines.spark_tasks import landing_tasks
from orchestration.models.building import build_fingerprint, models_fingerprint


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return load_settings({"CREDITS_HOME": str(tmp_path), "CREDITS_ENGINE": "spark"})


def _properties(settings: Settings, text: str) -> dict[str, str]:
    path = settings.home / "spark.properties"
    path.write_text(text)
    return session_properties(replace(settings, spark_properties=path), lake_uri(settings))


def test_an_engine_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CREDITS_ENGINE is 'duck': give duckdb or spark\."):
        load_settings({"CREDITS_HOME": str(tmp_path), "CREDITS_ENGINE": "duck"})


def test_landing_tasks_without_spark_are_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"CREDITS_LANDING_TASKS is 4, and tasks are Spark's: set CREDITS_ENGINE"):
        load_settings({"CREDITS_HOME": str(tmp_path), "CREDITS_LANDING_TASKS": "4"})


def test_nothing_of_spark_is_opened_where_nothing_lands_by_tasks(settings: Settings) -> None:
    with landing_tasks(settings) as tasks:
        assert tasks is None
    with landing_tasks(replace(settings, landing_tasks=2)) as tasks:
        assert tasks is not None and tasks.at_once == 2


def test_a_missing_package_is_one_line_that_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_session, "_is_installed", lambda name: False)
    with pytest.raises(EngineError, match="install the extra `spark`"):
        require_spark()


def test_a_missing_java_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(spark_session, "_is_installed", lambda name: True)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(EngineError, match="there is no Java: install Java 17 or later, or set JAVA_HOME"):
        require_spark()


def test_a_file_of_properties_adds_to_the_session_but_never_changes_what_a_statement_means(settings: Settings) -> None:
    given = _properties(
        settings,
        "# memory\n\nspark.executor.memory 8g\nspark.driver.memory=3g\n"
        "spark.sql.ansi.enabled false\nspark.sql.session.timeZone Europe/Berlin\n"
        "spark.sql.timestampType TIMESTAMP_LTZ\nspark.sql.decimalOperations.allowPrecisionLoss true\n"
        "spark.sql.legacy.decimal.retainFractionDigitsOnTruncate false\n",
    )
    assert given["spark.sql.legacy.decimal.retainFractionDigitsOnTruncate"] == "true"
    assert (given["spark.executor.memory"], given["spark.driver.memory"]) == ("8g", "3g")
    assert given["spark.sql.ansi.enabled"] == "true"
    assert given["spark.sql.session.timeZone"] == "UTC"
    assert given["spark.sql.timestampType"] == "TIMESTAMP_NTZ"
    assert given["spark.sql.decimalOperations.allowPrecisionLoss"] == "false"


def test_jars_of_the_users_own_are_taken_instead_of_the_projects(settings: Settings) -> None:
    assert {"spark.jars", "spark.jars.packages"} & _properties(settings, "").keys()
    given = _properties(settings, "spark.jars /opt/delta.jar\n")
    assert given["spark.jars"] == "/opt/delta.jar"
    assert "spark.jars.packages" not in given


@pytest.mark.parametrize("line", ["spark.executor.memory", "executor.memory 8g", "= 8g"])
def test_a_line_that_is_no_property_is_named_by_its_place(settings: Settings, line: str) -> None:
    with pytest.raises(EngineError, match=r"spark\.properties, line 2 is no property of Spark"):
        _properties(settings, f"spark.ui.enabled true\n{line}\n")


def test_a_file_of_properties_that_is_not_there_is_one_line(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"CREDITS_SPARK_PROPERTIES names .*none, which cannot be read"):
        session_properties(replace(settings, spark_properties=tmp_path / "none"), lake_uri(settings))


def test_the_lake_is_in_the_home_or_where_it_is_asked_for(settings: Settings, tmp_path: Path) -> None:
    assert lake_uri(settings) == (settings.warehouse / "lake").as_uri()
    assert lake_uri(replace(settings, lake=str(tmp_path / "a b"))) == (tmp_path / "a b").as_uri()
    assert lake_uri(replace(settings, lake="s3a://bucket/credits/")) == "s3a://bucket/credits"


def test_tables_of_one_engine_are_no_base_for_the_other(settings: Settings) -> None:
    assert build_fingerprint(settings) != models_fingerprint()
    assert build_fingerprint(replace(settings, engine="duckdb")) == models_fingerprint()

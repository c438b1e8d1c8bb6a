"""Replaces dbt's `adapter` while sqlfluff renders the macros; opens no database."""

from collections.abc import Callable

from jinja2 import pass_context
from jinja2.runtime import Context


@pass_context
def dispatch(context: Context, macro_name: str) -> Callable[..., str | list[str]]:
    """Give the macro's default, the one that DuckDB takes; for keys their name, which parses ten times as fast, and for
    settings a value of theirs, since there is no environment to read.
    """
    if macro_name.startswith("narrow_key"):
        return lambda _: macro_name
    if macro_name in ("share_setting", "number_setting"):
        return lambda *_: "0.5"
    if macro_name == "text_setting":
        return lambda *_: "'text'"
    if macro_name == "words_setting":
        return lambda *_: ["one", "other"]
    return context.resolve(f"default__{macro_name}")

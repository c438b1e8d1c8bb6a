"""The currencies of ISO 4217, now and since 2000, each with the time when it was in force.

List One (currencies in force) comes with a package. List Three (withdrawn ones) has only months, so the days come from
the decisions that withdrew them: the regulations of the Council of the European Union on the euro, the amendments of
ISO 4217, and announcements of central banks. If a day is not certain, it is the last possible one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cache


@dataclass(frozen=True)
class Currency:
    """A currency. `decimals` is None if it has no minor unit. `starts` is its first day; None if that is before 2000.
    `ends` is the first day on which it was no longer in force; None if there is none.
    """

    code: str
    decimals: int | None
    starts: date | None = None
    ends: date | None = None

    def is_in_force(self, day: date) -> bool:
        """Whether it was in force on this day."""
        return (self.starts is None or self.starts <= day) and (self.ends is None or day < self.ends)


_STARTS = {
    "AZN": date(2006, 1, 1),
    "BYN": date(2016, 7, 1),
    "GHS": date(2007, 7, 1),
    "MRU": date(2018, 1, 1),
    "MZN": date(2006, 7, 1),
    "RON": date(2005, 7, 1),
    "SLE": date(2022, 4, 1),
    "SSP": date(2011, 7, 18),
    "STN": date(2018, 1, 1),
    "TMT": date(2009, 1, 1),
    "TRY": date(2005, 1, 1),
    "UYW": date(2018, 8, 29),
    "VED": date(2021, 10, 1),
    "VES": date(2018, 8, 20),
    "XCG": date(2025, 3, 31),
    "ZMW": date(2013, 1, 1),
    "ZWG": date(2024, 4, 5),
}
"""The first days of currencies that came into force since 2000."""
_WITHDRAWN = (
    Currency("AFA", 2, ends=date(2003, 1, 3)),
    Currency("ANG", 2, ends=date(2025, 7, 1)),
    Currency("ATS", 2, ends=date(2002, 3, 1)),
    Currency("AZM", 2, ends=date(2007, 1, 1)),
    Currency("BEF", 0, ends=date(2002, 3, 1)),
    Currency("BGN", 2, ends=date(2026, 1, 1)),
    Currency("BYR", 0, ends=date(2017, 1, 1)),
    Currency("CSD", 2, starts=date(2003, 7, 25), ends=date(2006, 10, 26)),
    Currency("CUC", 2, ends=date(2021, 7, 1)),
    Currency("CYP", 2, ends=date(2008, 1, 1)),
    Currency("DEM", 2, ends=date(2002, 3, 1)),
    Currency("ECS", 2, ends=date(2000, 9, 16)),
    Currency("EEK", 2, ends=date(2011, 1, 1)),
    Currency("ESP", 0, ends=date(2002, 3, 1)),
    Currency("FIM", 2, ends=date(2002, 3, 1)),
    Currency("FRF", 2, ends=date(2002, 3, 1)),
    Currency("GHC", 2, ends=date(2008, 1, 1)),
    Currency("GRD", 0, ends=date(2002, 3, 1)),
    Currency("HRK", 2, ends=date(2023, 1, 1)),
    Currency("IEP", 2, ends=date(2002, 3, 1)),
    Currency("ITL", 0, ends=date(2002, 3, 1)),
    Currency("LTL", 2, ends=date(2015, 1, 1)),
    Currency("LUF", 0, ends=date(2002, 3, 1)),
    Currency("LVL", 2, ends=date(2014, 1, 1)),
    Currency("MGF", 0, ends=date(2005, 1, 1)),
    Currency("MRO", 2, ends=date(2018, 7, 1)),
    Currency("MTL", 2, ends=date(2008, 1, 1)),
    Currency("MZM", 2, ends=date(2007, 1, 1)),
    Currency("NLG", 2, ends=date(2002, 3, 1)),
    Currency("PTE", 0, ends=date(2002, 3, 1)),
    Currency("ROL", 2, ends=date(2007, 1, 1)),
    Currency("SDD", 2, ends=date(2007, 7, 1)),
    Currency("SIT", 2, ends=date(2007, 1, 1)),
    Currency("SKK", 2, ends=date(2009, 1, 1)),
    Currency("SLL", 2, ends=date(2024, 1, 1)),
    Currency("SRG", 2, ends=date(2004, 1, 1)),
    Currency("STD", 2, ends=date(2018, 7, 1)),
    Currency("TMM", 2, ends=date(2010, 1, 1)),
    Currency("TPE", 0, ends=date(2002, 5, 20)),
    Currency("TRL", 0, ends=date(2006, 1, 1)),
    Currency("USS", 2, ends=date(2014, 4, 1)),
    Currency("VEB", 2, ends=date(2008, 7, 1)),
    Currency("VEF", 2, starts=date(2008, 1, 1), ends=date(2018, 12, 6)),
    Currency("XFU", None, ends=date(2013, 12, 1)),
    Currency("YUM", 2, ends=date(2003, 7, 25)),
    Currency("ZMK", 2, ends=date(2013, 7, 1)),
    Currency("ZWD", 2, ends=date(2008, 8, 1)),
    Currency("ZWL", 2, starts=date(2009, 2, 2), ends=date(2024, 9, 1)),
    Currency("ZWN", 2, starts=date(2006, 8, 1), ends=date(2009, 2, 2)),
    Currency("ZWR", 2, starts=date(2008, 8, 1), ends=date(2009, 6, 1)),
)


@cache
def currencies() -> dict[str, Currency]:
    """Every currency by its code."""
    import iso4217  # it reads the standard's table when it is imported

    listed = {
        currency.code: Currency(currency.code, currency.exponent, starts=_STARTS.get(currency.code))
        for currency in iso4217.Currency
    }
    return listed | {currency.code: currency for currency in _WITHDRAWN}

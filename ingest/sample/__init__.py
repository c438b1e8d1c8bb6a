"""Made-up usage records and mapping exports that look like a year's work of a few clinics.

For the committed sample, for demonstrations and for measurements. Everything is drawn from one seed, so that
the same arguments give the same bytes. No person, clinic or figure in it is real.
"""

from ingest.sample.landing_files import SampleSummary
from ingest.sample.writing import write_sample

__all__ = ["SampleSummary", "write_sample"]

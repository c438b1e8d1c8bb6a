"""Invented usage records and mapping exports that look like the work of a few clinics.

It owns the generator of the committed sample, of demonstrations and of measurements. Everything is drawn from one
seed: the same arguments give the same bytes. No person, clinic or figure in it is real. It does not own input rules;
no run imports it.
"""

from ingest.sample.landing_files import SampleSummary
from ingest.sample.writing import write_sample

__all__ = ["SampleSummary", "write_sample"]

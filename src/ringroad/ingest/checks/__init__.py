"""Recording checks: pure functions over a recording's rows and decoded pictures."""

from ringroad.ingest.checks.catalogue import CATALOGUE, SEVERITIES, Check
from ringroad.ingest.checks.findings import Finding, finding_rows
from ringroad.ingest.checks.lanes import Lanes, lanes_of
from ringroad.ingest.checks.limits import CheckLimits, limits_of, read_limits
from ringroad.ingest.checks.pictures import check_pictures
from ringroad.ingest.checks.whole import check_low_rate

__all__ = [
    "CATALOGUE",
    "SEVERITIES",
    "Check",
    "CheckLimits",
    "Finding",
    "Lanes",
    "check_low_rate",
    "check_pictures",
    "finding_rows",
    "lanes_of",
    "limits_of",
    "read_limits",
]

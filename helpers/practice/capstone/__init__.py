"""The capstone: steps that the account itself is asked about, incidents to mend, and a report.

practice.verify(3)
practice.incident(1)
practice.report()
"""

from .incidents import incident
from .report import report
from .steps import verify

__all__ = ["incident", "report", "verify"]

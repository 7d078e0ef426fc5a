"""What `scripts/bench` measured: a table of medians, JSON, and a plot."""

from .plot import report_plot
from .report import Report

__all__ = ["Report", "report_plot"]

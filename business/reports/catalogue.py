"""Every report by its name, in the order in which they are offered."""

from business.reports import campaigns, money, parties, people
from business.reports.report import Report

CATALOGUE: dict[str, Report] = {report.name: report for report in (*parties.REPORTS, *people.REPORTS, *money.REPORTS, *campaigns.REPORTS)}

"""Reconciliation: book against broker, the breaks between them, and what caused each."""

from slotwise.reconciliation.reconciler import PositionReconciler
from slotwise.reconciliation.report import Break, Report

__all__ = ["Break", "PositionReconciler", "Report"]

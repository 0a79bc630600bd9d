"""Reconciliation: book against broker, the breaks between them, and what caused each."""

from slotwise.reconciliation.reconciler import Holding, PositionReconciler, Report

__all__ = ["Holding", "PositionReconciler", "Report"]

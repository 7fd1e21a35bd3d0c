"""The panel: its ledger, its meetings, its decisions, its audits."""

"""The worker: one loop that sends what is due and does what comes round. Imported by the wiring only."""

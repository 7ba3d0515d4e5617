"""Reconcile: the source against the warehouse, window by window, at low priority, while changes flow.

keys      one key in its four forms: as compared, as the source reads it, as the warehouse does, as Kafka has it
lookup    the rows of certain keys in the warehouse, as a snapshot of the source sees them
scan      the keys of the warehouse in its own order
passes    one table from its first key to its last: what is read, compared, rechecked
turns     which table is next, and how fast
ledger    ops.drift and ops.reconciled
refusals  which suspects are dead letters
repair    reload what is missing or different, delete what is extra
"""

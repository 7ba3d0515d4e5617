"""Reconcile: the source against the warehouse, window by window, at low priority, while changes flow.

    wire        a key value between text, warehouse and wire
    keys        one key in its four forms: as compared, as the source reads it, as the warehouse does, as Kafka has it
    lookup      rows of certain keys in the warehouse as a snapshot sees them, and its own keys in its own order
    pace        never faster than promised
    passes      one table from its first key to its last: what is read, compared, rechecked
    refusals    which suspects are dead letters
    ledger      ops.drift and ops.reconciled
    run         `suoi reconcile`: passes driven to their end
    repair      reload what is missing or different, delete what is extra
    turns       which table is next, when nobody asks
    background  turn by turn without end, in a thread of the guard

Nothing here waits in a way that holds up capture: own connections, short snapshots, statements that are given up.
"""

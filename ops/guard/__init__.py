"""The guard looks after the sources: is this still the database we know, what does capture cost it, which rows have to
be read again. One worker, `python -m ops.guard`.

    sight      what a source says about itself, its log and its tables, asked over a short connection of our own
    judgement  whether capture may go on, and why not
    nurse      when a failed connector may be restarted
    capture    what is done about it: restart, halt, let go, come back
    epochs     a new history of a source
    shapes     which tables have changed in a way that events do not tell
    watching   what is done about that; `refusals` does it for rows that came without a value
    loads      how a load moves on; `signals`, `notices` and `arrival` are its hands, eyes and proof
    loading    what is done about that; `sweeping` finds the ghosts
    worker     all of it, round by round
"""

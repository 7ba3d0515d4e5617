"""A value its type cannot hold: the column becomes null and the text is kept beside it, so that no row is lost."""


class Fault(ValueError):
    """What `_faults` says about one column: `<reason>: <original text>`."""

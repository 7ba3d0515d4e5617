"""Names that must not be mixed up."""

from typing import NewType

AgencyId = NewType("AgencyId", str)
"""Short name of an agency: its database in the warehouse and the prefix of its topics, such as `hotich`."""
TableName = NewType("TableName", str)
"""Name of a table downstream, such as `khai_sinh`; unique within its agency."""
Topic = NewType("Topic", str)
Revision = NewType("Revision", int)
"""Number of the declared rules, lists and decisions under which a row was conformed, 1 to 65535."""
Epoch = NewType("Epoch", int)
"""Number of a source's history, 1 to 65535; raised when its positions start anew."""
Version = NewType("Version", int)
"""A row's place in the order of all changes of its source: see `suoi.position`."""

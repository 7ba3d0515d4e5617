"""External tables of a form: the files in it, described by parameters named after them."""

from contextlib import ExitStack
from pathlib import Path

from embedded.gateway.external import External
from embedded.gateway.http.body import Form
from embedded.gateway.http.request import Request
from embedded.gateway.sql import quote_name, split_list
from embedded.gateway.staging import staging


def tables(request: Request, form: Form, folder: Path, stack: ExitStack) -> list[External]:
    """The tables in `form`; staged until `stack` ends."""
    return [_table(request, name, content, folder, stack) for name, content in form.files.items()]


def _table(request: Request, name: str, content: bytes, folder: Path, stack: ExitStack) -> External:
    """Columns come as `<name>_structure` ("a Int8, b String") or as `<name>_types` ("Int8, String": _1, _2)."""
    columns = request.rest.get(f"{name}_structure", "")
    if not columns:
        types = split_list(request.rest.get(f"{name}_types", ""))
        columns = ", ".join(f"{quote_name(f'_{number}')} {spec}" for number, spec in enumerate(types, 1))
    staged = stack.enter_context(staging(folder))
    staged.write(content)
    return External(name, columns, request.rest.get(f"{name}_format", "TabSeparated"), staged)

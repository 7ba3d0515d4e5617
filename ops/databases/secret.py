"""Passwords come from files, one each."""

from pathlib import Path

from suoi.errors import UserError


def read_secret(path: Path) -> str:
    """The secret in `path`. Raises UserError when the file is missing, empty or not readable."""
    try:
        secret = path.read_text(encoding="utf-8").rstrip("\n")
    except OSError as exc:
        raise UserError(f"secret {path}: {exc.strerror}; valid: a file with the password, mode 0600") from None
    except UnicodeDecodeError:
        raise UserError(f"secret {path}: is not UTF-8; valid: a file with the password, mode 0600") from None
    if not secret:
        raise UserError(f"secret {path}: is empty; valid: a file with the password, mode 0600")
    return secret

"""The home folder of a stack: where each thing it owns is kept, and its secrets."""

import os
import secrets
from dataclasses import dataclass
from pathlib import Path

from suoi.settings import ENV_FILE


@dataclass(frozen=True, slots=True)
class Home:
    """Paths below one home folder. `make()` creates the folders."""

    root: Path

    def make(self) -> None:
        """Create what every service expects, private to the user who runs the stack."""
        self.root.mkdir(parents=True, exist_ok=True)
        for folder, mode in (("logs", 0o755), ("data", 0o755), ("run", 0o755), ("sources", 0o755), ("secrets", 0o700)):
            (self.root / folder).mkdir(mode=mode, exist_ok=True)

    def data(self, name: str) -> Path:
        return self.root / "data" / name

    def log(self, name: str) -> Path:
        return self.root / "logs" / f"{name}.log"

    def secret_file(self, name: str) -> Path:
        return self.root / "secrets" / name

    @property
    def env_file(self) -> Path:
        return self.root / ENV_FILE

    @property
    def prometheus_file(self) -> Path:
        """For a Prometheus of this machine: where the workers serve their metrics."""
        return self.root / "prometheus.yml"

    @property
    def state_file(self) -> Path:
        return self.root / "state.json"

    @property
    def lock_file(self) -> Path:
        """Held by the supervisor as long as it lives."""
        return self.root / "supervisor.lock"

    def secret(self, name: str) -> str:
        """The secret `name`, made of 24 random bytes when there is none yet."""
        path = self.secret_file(name)
        if not path.exists():
            write_private(path, secrets.token_urlsafe(24))
        return path.read_text()


def write_private(path: Path, text: str) -> None:
    """Put `text` in place whole, readable by this user only."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)

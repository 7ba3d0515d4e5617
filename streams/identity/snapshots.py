"""The model that is in force: a record of topic `suoi.identity.model`, or the one that is shipped."""

from streams.identity.model import Model
from suoi.followed import FollowedTopic
from suoi.settings import Settings
from suoi.sources.profile import DEFAULT
from suoi.topics import IDENTITY_MODEL

KEY = DEFAULT.encode()


class InForce:
    """`model` is the one in force as of the last `refresh`."""

    def __init__(self, settings: Settings) -> None:
        self._topic = FollowedTopic(settings, IDENTITY_MODEL)
        self.model = Model.default(DEFAULT)

    def refresh(self) -> Model:
        """The model in force now. Raises Transient when the broker is away."""
        self._topic.refresh(self._take)
        return self.model

    def close(self) -> None:
        """Give the connection back."""
        self._topic.close()

    def _take(self, key: bytes, value: bytes | None) -> None:
        if key == KEY:
            self.model = Model.default(DEFAULT) if value is None else Model.from_json(value)

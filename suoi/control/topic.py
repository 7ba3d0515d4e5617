"""Topic `suoi.control`, followed and written. Belongs to no group and commits nothing; one thread owns it."""

from suoi.control.records import Record, decode, encode
from suoi.control.state import Control, control
from suoi.followed import FollowedTopic
from suoi.publishing import publish
from suoi.settings import Settings
from suoi.topics import CONTROL


class ControlTopic:
    """`refresh` reads up to the end, `state` is what was read, `publish` decides something."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._followed = settings, FollowedTopic(settings, CONTROL)
        self._records: dict[str, Record] = {}
        self._changed = False
        self.state = Control()

    def refresh(self) -> bool:
        """Read up to where the topic ends now; True when something was decided since. Raises Transient, Contract."""
        try:
            self._followed.refresh(self._take)
        finally:
            changed, self._changed = self._changed, False
            if changed:
                self.state = control(self._records.values())
        return changed

    def publish(self, *records: Record) -> None:
        """Back when every record is in the topic, in this order. Raises Transient."""
        publish(self._settings, CONTROL, map(encode, records))

    def forget(self, *records: Record) -> None:
        """Back when nobody who reads the topic from now on finds these. Raises Transient."""
        publish(self._settings, CONTROL, [(encode(record)[0], None) for record in records])

    def close(self) -> None:
        """Give the connection back; the next `refresh` goes on where this one stood."""
        self._followed.close()

    def _take(self, key: bytes, value: bytes | None) -> None:
        if value is None:
            self._changed |= self._records.pop(key.decode(), None) is not None
        elif record := decode(key, value):
            self._records[record.key] = record
            self._changed = True

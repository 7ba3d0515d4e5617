"""Where PostgreSQL lives, and as whom."""

import os
import shutil
from pathlib import Path

import pytest

from embedded.home import Home
from embedded.postgres import configuration, settle

ROOT = os.geteuid() == 0
as_root = pytest.mark.skipif(not ROOT, reason="only root may give files away")


def a_home(folder: Path) -> Home:
    home = Home(folder / "home")
    home.make()
    return home


def test_a_normal_user_keeps_the_data_at_home(tmp_path: Path) -> None:
    home = a_home(tmp_path)
    place = settle(home, None, uid=1000)
    assert (place.data, place.user, place.outside) == (home.data("postgres"), None, None)
    assert (place.programs / "initdb").exists()


@as_root
def test_below_a_folder_that_only_root_can_enter_the_data_goes_outside_and_stays_there(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    home = a_home(tmp_path)
    place = settle(home, None, uid=0)
    assert place.outside is not None
    try:
        assert place.user is not None
        assert place.user.uid != 0
        assert place.data.parent == place.outside
        assert place.outside.stat().st_mode & 0o777 == 0o755
        assert settle(home, place.outside, uid=0).data == place.data
    finally:
        shutil.rmtree(place.outside)


def test_the_log_that_capture_may_hold_back_is_bounded() -> None:
    settings = configuration(5432)
    assert settings["wal_level"] == "logical"
    assert settings["max_slot_wal_keep_size"] not in ("", "-1")
    assert (settings["listen_addresses"], settings["unix_socket_directories"]) == ("127.0.0.1", "")

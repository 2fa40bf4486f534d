"""Files that lie sealed, are readable by the product's own user only, and are reached by no name from outside."""

from dataclasses import replace

import pytest

from app.env import Settings
from app.plugins import private_files
from app.plugins.private_files import PrivateFileMissing

KEY, OTHER = "k" * 40, "o" * 40


@pytest.fixture
def shelf(tmp_path):
    return Settings(data_folder=tmp_path, encryption_keys=(KEY,))


def test_what_was_put_is_read_with_its_purpose_only(shelf, tmp_path):
    private_files.put(shelf, "a purpose", "kyc/ann/front", b"a face and a name")
    assert private_files.read(shelf, "a purpose", "kyc/ann/front") == b"a face and a name"
    path = tmp_path / "private" / "kyc" / "ann" / "front"
    assert b"face" not in path.read_bytes()
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    assert [found.name for found in path.parent.iterdir()] == ["front"]
    with pytest.raises(PrivateFileMissing):
        private_files.read(shelf, "another purpose", "kyc/ann/front")
    with pytest.raises(PrivateFileMissing):
        private_files.read(shelf, "a purpose", "kyc/ann/back")


def test_a_new_key_in_front_still_opens_what_the_old_one_sealed(shelf):
    private_files.put(shelf, "a purpose", "f", b"x")
    assert private_files.read(replace(shelf, encryption_keys=(OTHER, KEY)), "a purpose", "f") == b"x"
    with pytest.raises(PrivateFileMissing):
        private_files.read(replace(shelf, encryption_keys=(OTHER,)), "a purpose", "f")


def test_files_and_folders_are_removed_however_often(shelf, tmp_path):
    for name in ("kyc/ann/1", "kyc/ann/2", "kyc/bob/1"):
        private_files.put(shelf, "a purpose", name, b"x")
    private_files.remove_others(shelf, "kyc/ann", ["kyc/ann/2"])
    assert [path.name for path in (tmp_path / "private/kyc/ann").iterdir()] == ["2"]
    for _ in range(2):
        private_files.remove(shelf, "kyc/ann")
        private_files.remove(shelf, "kyc/nobody/1")
    assert [path.name for path in (tmp_path / "private/kyc").iterdir()] == ["bob"]


@pytest.mark.parametrize("name", ["../secret", "/etc/passwd", "", ".", "kyc/../../x"])
def test_no_name_leads_out_of_the_folder(shelf, name):
    for act in (
        lambda: private_files.put(shelf, "p", name, b"x"),
        lambda: private_files.read(shelf, "p", name),
        lambda: private_files.remove(shelf, name),
    ):
        with pytest.raises(ValueError, match="no name of a private file"):
            act()

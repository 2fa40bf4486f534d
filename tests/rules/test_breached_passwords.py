"""The list of passwords known from breaches, and how it is made."""

import tarfile
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.plugins.breached_passwords import BreachedPasswords, is_breached, normalised
from app.plugins.breached_passwords.make import Source, SourceChanged, passwords_of
from app.plugins.breached_passwords.table import pack, the_list
from app.services.accounts import passwords
from app.utils.errors import InvalidValue

LONG = st.text(min_size=8, max_size=20)


@pytest.mark.parametrize(
    "password", ["password", "12345678", "qwertyuiop", "iloveyou1", "PassWord1", " sunshine ", "ｐassword"]
)
def test_common_passwords_are_known_whatever_their_case(password):
    assert is_breached(password)


@pytest.mark.parametrize(
    "password", ["correct horse battery", "demo-market-2026", "long enough 26", "пароль моей бабушки 1931", "x" * 128]
)
def test_other_passwords_are_not(password):
    assert not is_breached(password)


def test_the_list_is_long_and_small():
    assert len(the_list()) == 475_794


def test_a_known_password_is_refused_with_words_that_help():
    with pytest.raises(InvalidValue) as refusal:
        passwords.ensure_acceptable("Password1", username="ann", email="ann@example.com")
    assert refusal.value.fields == {
        "password": ["Is on a list of stolen passwords, which are tried first. Please choose another one."]
    }


@given(st.lists(LONG, max_size=40), LONG)
def test_a_table_knows_its_own_and_nothing_else(known, other):
    table = BreachedPasswords(pack(known))
    kept = {normalised(password) for password in known if len(normalised(password)) >= 8}
    assert len(table) == len(kept)
    assert all(password in table and password.upper().lower() in table for password in kept if password.isascii())
    assert (other in table) == (normalised(other) in kept)
    assert pack(reversed(known)) == pack(known)


def test_a_file_that_was_cut_is_no_table():
    with pytest.raises(ValueError, match="no table"):
        BreachedPasswords(pack(["a long password"])[:-1])


def test_the_maker_reads_only_the_file_it_knows(tmp_path):
    def read(path):
        with tarfile.open(path) as archive:
            return archive.extractfile("list.txt").read()

    content = b"sunshine2\nmoonlight3\n"
    with tarfile.open(tmp_path / "a.tgz", "w:gz") as archive:
        member = tarfile.TarInfo("list.txt")
        member.size = len(content)
        archive.addfile(member, BytesIO(content))
    with pytest.raises(SourceChanged):
        passwords_of(Source(("true",), "a.tgz", "0" * 64, read), tmp_path)

"""Where the page is served, and who may ask for it."""

import socket
from pathlib import Path

import pytest

from improvd.config import ConfigError
from improvd.service.web.door.location import Location, listen

EVERYWHERE = "0.0.0.0:0"


@pytest.fixture
def here(tmp_path: Path):
    found = listen("127.0.0.1:0", tmp_path)
    yield found
    found.socket.close()


def test_on_this_machine_no_token_is_asked_for(here, tmp_path):
    assert here.token is None
    assert here.lets_in(None)
    assert here.link == f"http://127.0.0.1:{here.port}/"
    assert not (tmp_path / "web.token").exists()


def test_elsewhere_a_token_is_needed_and_stays_the_same(tmp_path):
    first = listen(EVERYWHERE, tmp_path)
    second = listen(EVERYWHERE, tmp_path)
    for found in (first, second):
        found.socket.close()
    assert first.token
    assert first.token == second.token
    assert (tmp_path / "web.token").stat().st_mode & 0o777 == 0o600
    assert first.link.endswith(f":{first.port}/?token={first.token}")
    assert EVERYWHERE.partition(":")[0] not in first.link
    assert first.lets_in(first.token)
    for other in (None, "", "x", first.token[:-1], first.token + "x", "\u20ac"):
        assert not first.lets_in(other)


def test_a_token_that_somebody_cut_short_is_replaced(tmp_path):
    (tmp_path / "web.token").write_text("abc")
    found = listen(EVERYWHERE, tmp_path)
    found.socket.close()
    assert len(found.token or "") > 16


@pytest.mark.parametrize(
    "named", ["127.0.0.1:80", "localhost", "LOCALHOST:8765", "[::1]:1", "192.168.7.9:8765"]
)
def test_it_is_meant_by_its_own_names_and_by_addresses(here, named):
    assert here.is_meant(named)


@pytest.mark.parametrize(
    "named",
    [
        "",
        "evil.example",
        "evil.example:8765",
        "127.0.0.1.evil.example",
        "localhost.evil.example:80",
        "[::1",
        "a]:b",
    ],
)
def test_it_is_not_meant_by_a_name_that_was_made_to_lead_here(here, named):
    assert not here.is_meant(named)


def test_a_port_that_is_taken_is_one_sentence(here, tmp_path):
    with pytest.raises(ConfigError) as refused:
        listen(f"127.0.0.1:{here.port}", tmp_path)
    sentence = str(refused.value)
    assert sentence.startswith(f"web 127.0.0.1:{here.port}: the page cannot be served there")
    assert "--web 127.0.0.1:8766" in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("address", ["127.0.0.1:99999", "nowhere.invalid:8765", "192.0.2.7:8765"])
def test_an_address_that_is_not_here_is_one_sentence(address, tmp_path):
    with pytest.raises(ConfigError, match=f"web {address}"):
        listen(address, tmp_path)


def test_whoever_connects_early_waits_to_be_served(here):
    with socket.create_connection(("127.0.0.1", here.port), timeout=5):
        pass


def test_a_location_knows_its_cookie_by_its_port(here):
    other = Location("127.0.0.1", here.port + 1, here.socket, None)
    assert here.cookie != other.cookie

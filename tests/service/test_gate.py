"""Who may ask: this machine by its own names, no page of another site, who has the token."""

import pytest
from served import HELLO

from multitok.service.settings import Settings

COUNT = "/v1/messages/count_tokens"


def test_a_page_that_points_its_name_at_this_machine_is_refused(service):
    answer = service.post(COUNT, HELLO, Host="evil.example:8484")
    assert (answer.status, "evil.example" in answer.json["error"]["message"]) == (421, True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:9", "[::1]:9"])
def test_this_machine_is_served_under_its_own_names(service, host):
    assert service.get("/healthz", Host=host).status == 200


@pytest.mark.parametrize("host", ["127.0.0.1.evil.example", "localhost.", "", "[::2]"])
def test_no_name_that_only_looks_like_it_is_served(service, host):
    assert service.get("/healthz", Host=host).status == 421


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:1"])
def test_pages_of_other_sites_are_refused(service, origin):
    answer = service.post(COUNT, HELLO, Origin=origin)
    assert answer.status == 403
    assert "access-control-allow-origin" not in answer.headers


def test_a_page_of_ours_may_ask(service):
    assert service.post("/request", HELLO, Origin=service.url).status == 200


def test_a_form_cannot_count(service):
    """A form needs no leave of the browser, and cannot say that it sends JSON."""
    assert service.post(COUNT, HELLO, content_type="text/plain").status == 415


def test_a_browser_is_given_no_leave(service):
    answer = service.ask("OPTIONS", COUNT, Origin="https://evil.example")
    assert answer.status == 403


def test_a_named_site_may_ask_and_read_the_labels(serve):
    site = "https://tools.example"
    found = serve(origins=(site,), token="s3cret")
    leave = found.ask("OPTIONS", "/request", Origin=site)
    assert (leave.status, leave.headers["access-control-allow-origin"]) == (204, site)
    answer = found.post("/request", HELLO, Origin=site, Authorization="Bearer s3cret")
    assert answer.status == 200
    assert answer.headers["access-control-allow-origin"] == site
    assert answer.headers["vary"] == "origin"


def test_the_token_is_taken_as_each_sdk_sends_its_key(serve):
    found = serve(token="s3cret")
    sent = (
        {"Authorization": "Bearer s3cret"},
        {"x_api_key": "s3cret"},
        {"x_goog_api_key": "s3cret"},
    )
    assert [found.post("/request", HELLO, **key).status for key in sent] == [200] * 3


@pytest.mark.parametrize("key", [{}, {"x_api_key": "s3cre"}, {"Authorization": "Basic s3cret"}])
def test_without_the_token_nothing_is_told(serve, key):
    found = serve(token="s3cret")
    answer = found.post(COUNT, HELLO, **key)
    assert (answer.status, answer.json["error"]["type"]) == (401, "authentication_error")


def test_whether_it_lives_is_told_without_the_token(serve):
    assert serve(token="s3cret").get("/healthz").status == 200


def test_keys_of_providers_are_ignored_without_a_token(service):
    assert service.post("/request", HELLO, Authorization="Bearer sk-123").status == 200


def test_the_token_is_in_no_repr():
    assert "s3cret" not in repr(Settings(token="s3cret"))


def test_another_host_is_served_where_it_was_named(serve):
    found = serve(hosts=("box.lan",))
    assert found.get("/healthz", Host="BOX.lan:8484").status == 200

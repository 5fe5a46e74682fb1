"""requests with a credential: every hop is decided in Rust, and what a session has of its own ways out is refused or means nothing."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import pytest
import requests

import aios
from scene import Handler, Scene

LONG = 30


@pytest.fixture
def credential(scene: Scene) -> Iterator[aios.SecretUse]:
    with scene.permit() as permit:
        yield permit.credential("openai")


def answering(status: int, body: bytes = b"", **headers: str) -> Callable[[Handler], None]:
    return lambda handler: handler.reply(status, body, **headers)


def test_a_session_carries_the_key_and_gives_what_came(scene: Scene, credential: aios.SecretUse) -> None:
    url = scene.server.url + "/v1/chat"
    with credential.requests_session() as session:
        answer = session.post(url + "#part", json={"a": "ä"}, headers={"x-a": b"1"}, auth=("user", "of-the-caller"), timeout=(1, 0.5))
        assert (answer.status_code, answer.ok, answer.reason, answer.encoding) == (200, True, "OK", "utf-8")
        assert answer.json()["choices"][0]["message"]["content"] == "hello" and answer.url == url + "#part"
        answer.raise_for_status()
        with pytest.raises(requests.HTTPError, match="401 Client Error: Unauthorized") as caught:
            session.post(scene.server.url + "/v1/echo").raise_for_status()
        text = caught.value.response.text
        assert "bad key ***" in text and "CANARY" not in text
    assert [(path, known) for path, known, _ in scene.server.seen] == [("/v1/chat", True), ("/v1/echo", True)]
    assert scene.server.seen[0][2] == {"a": "ä"}


def test_the_pages_example_runs(scene: Scene, credential: aios.SecretUse) -> None:
    _, rest = (Path(__file__).parents[2] / "docs/vault.md").read_text().split("\n```python clients/requests.py\n")
    defined: dict[str, Any] = {}
    exec(rest.split("\n```\n")[0], defined)
    scene.server.routes["/v1/models"] = answering(200, b'{"data": []}')
    with scene.permit() as permit:
        assert defined["models"](permit, scene.server.url + "/v1/models") == {"data": []}


def test_bodies_of_every_form_are_sent_whole(scene: Scene, credential: aios.SecretUse, tmp_path: Path) -> None:
    scene.server.routes["/v1/a"] = answering(200)
    (tmp_path / "file").write_bytes(b"of a file")
    with credential.requests_session() as session, (tmp_path / "file").open("rb") as file:
        for data in (b"bytes", bytearray(b"array"), "text ä", {"a": "1"}, file, iter([b"in ", "parts"]), None):
            assert session.post(scene.server.url + "/v1/a", data=data).status_code == 200
        session.post(scene.server.url + "/v1/a", files={"f": b"content"})
    *bodies, form = (body for _, _, body in scene.server.seen)
    assert bodies == [b"bytes", b"array", "text ä".encode(), b"a=1", b"of a file", b"in parts", b""]
    assert b'name="f"' in form and b"content" in form


def test_a_stream_is_read_as_it_comes_and_who_stops_reading_ends_it(scene: Scene, credential: aios.SecretUse) -> None:
    more, ended = threading.Event(), threading.Event()

    def slow(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.wfile.write(b"one\ntwo\n")
        # The rest comes only once this was read.
        assert more.wait(LONG)
        handler.wfile.write(b"three\n" * 3)
        handler.rfile.read(1)
        ended.set()

    scene.server.routes["/v1/slow"] = slow
    with credential.requests_session() as session:
        with session.get(scene.server.url + "/v1/slow", stream=True) as answer:
            lines = answer.iter_lines(chunk_size=4)
            assert next(lines) == b"one"
            assert answer.raw.read(4) == b"two\n" and not more.is_set()
            more.set()
            assert next(answer.iter_content(2)) == b"th" and next(answer.iter_content(None)).startswith(b"ree\n")
            assert not ended.is_set()
        assert ended.wait(LONG), "whoever closes an answer ends its connection"
        assert answer.raw.closed


def test_the_raw_body_is_a_file(scene: Scene, credential: aios.SecretUse) -> None:
    scene.server.routes["/v1/lines"] = answering(200, b"1\n22\n333\n")
    with credential.requests_session() as session:
        raw = session.get(scene.server.url + "/v1/lines", stream=True).raw
        assert (raw.read(1), raw.readline(), raw.read(0), raw.read(3), raw.read(), raw.read(5)) == (b"1", b"\n", b"", b"22\n", b"333\n", b"")
        assert json.load(session.post(scene.server.url + "/v1/chat", stream=True).raw)["id"] == "c1"


def test_an_answer_that_breaks_off_is_an_error(scene: Scene, credential: aios.SecretUse) -> None:
    def short(handler: Handler) -> None:
        handler.send_response(200)
        handler.send_header("content-length", "100")
        handler.send_header("connection", "close")
        handler.end_headers()
        handler.wfile.write(b"half")

    scene.server.routes["/v1/short"] = short
    with credential.requests_session() as session, pytest.raises(aios.Failed, match="vault.upstream"):
        session.get(scene.server.url + "/v1/short")


def test_a_server_that_is_silent_for_the_time_said_is_given_up(scene: Scene, credential: aios.SecretUse) -> None:
    over = threading.Event()
    scene.server.routes["/v1/silent"] = lambda handler: answering(200)(handler) if over.wait(LONG) else None
    with credential.requests_session() as session:
        with pytest.raises(aios.Failed) as caught:
            session.get(scene.server.url + "/v1/silent", timeout=(None, 1))
    over.set()
    assert caught.value.code == "vault.upstream" and "in time" in str(caught.value.hint)


def test_redirects_are_followed_by_new_decisions_and_none_elsewhere(scene: Scene, credential: aios.SecretUse) -> None:
    scene.server.routes["/v1/moved"] = answering(302, location="/v1/hére".encode().decode("latin-1"))
    scene.server.routes["/v1/h%C3%A9re"] = answering(200, b"here")
    scene.server.routes["/v1/loop"] = answering(307, location="/v1/loop")
    with credential.requests_session() as session:
        answer = session.post(scene.server.url + "/v1/moved", data=b"x")
        assert answer.content == b"here" and [hop.status_code for hop in answer.history] == [302]
        with pytest.raises(requests.TooManyRedirects):
            session.max_redirects = 3
            session.get(scene.server.url + "/v1/loop")
        with pytest.raises(aios.Denied, match="vault.not_admitted"):
            session.post(scene.server.url + "/v1/redirect", auth=("user", "of-the-caller"), cookies={"a": "b"})
        assert session.post(scene.server.url + "/v1/redirect", allow_redirects=False).next.url == scene.other.url + "/v1/stolen"
    assert scene.other.seen == []
    assert [(path, known) for path, known, _ in scene.server.seen[:2]] == [("/v1/moved", True), ("/v1/h%C3%A9re", True)]


def test_cookies_go_neither_there_nor_back(scene: Scene, credential: aios.SecretUse) -> None:
    sent: list[str | None] = []

    def cookies(handler: Handler) -> None:
        sent.append(handler.headers.get("cookie"))
        handler.reply(200, b"", **{"set-cookie": "theirs=1"})

    scene.server.routes["/v1/cookies"] = cookies
    with credential.requests_session() as session:
        session.cookies.set("mine", "1")
        for _ in range(2):
            answer = session.get(scene.server.url + "/v1/cookies", cookies={"more": "2"})
        assert SimpleCookie(answer.headers["set-cookie"])["theirs"].value == "1"
        assert (sent, dict(session.cookies), dict(answer.cookies)) == ([None, None], {"mine": "1"}, {})


@pytest.mark.parametrize(
    ("option", "about"),
    [
        ({"verify": False}, "verify must not be off"),
        ({"cert": "client.pem"}, "cert must be None"),
        ({"proxies": {"http": "http://127.0.0.1:9"}}, "proxy of AIOS's configuration"),
    ],
)
def test_other_ways_out_are_refused(scene: Scene, credential: aios.SecretUse, option: dict[str, Any], about: str) -> None:
    with credential.requests_session() as session:
        with pytest.raises(ValueError, match=about):
            session.get(scene.server.url + "/v1/a", **option)
        for name, value in option.items():
            setattr(session, name, value)
        with pytest.raises(ValueError, match=about):
            session.get(scene.server.url + "/v1/a")
    assert scene.server.seen == []


def test_neither_netrc_nor_the_environment_has_a_say(scene: Scene, credential: aios.SecretUse, monkeypatch: pytest.MonkeyPatch) -> None:
    heads: list[str] = []

    def noting(handler: Handler) -> None:
        heads.append(str(handler.headers))
        handler.reply(200, b"")

    scene.server.routes["/v1/a"] = noting
    netrc = scene.world.folder / "netrc"
    netrc.write_text("machine 127.0.0.1 login user password of-the-caller\n")
    url = scene.server.url + "/v1/a"
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/nowhere")
    mounted = requests.Session()
    mounted.mount("http://", credential.requests_adapter())
    for session in (credential.requests_session(), mounted):
        assert session.get(url).status_code == 200
    # The caller's session does ask netrc: what it says is left out in Rust.
    assert "Authorization" in requests.Session().prepare_request(requests.Request("GET", url)).headers
    assert all(head.lower().count("authorization:") == 1 and "Basic" not in head for head in heads) and len(heads) == 2
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    assert credential.requests_session().get(url).status_code == 200
    with pytest.raises(ValueError, match="trust_env = False"):
        mounted.get(url)
    assert [known for _, known, _ in scene.server.seen] == [True] * 3


def test_what_has_no_adapter_goes_nowhere(scene: Scene, credential: aios.SecretUse) -> None:
    with credential.requests_session() as session:
        with pytest.raises(requests.exceptions.InvalidSchema):
            session.get("ftp://127.0.0.1/v1/a")
        for url in (f"http://user:of-the-caller@{scene.server.host}/v1/a", f"http://localhost:{scene.server.server_port}/v1/a"):
            with pytest.raises(aios.Denied):
                session.get(url)
    assert scene.server.seen == []


def test_the_library_is_loaded_when_it_is_asked_for() -> None:
    asked = "import sys, aios; print([name for name in ('requests', 'httpx', 'urllib3') if name in sys.modules])"
    assert subprocess.run([sys.executable, "-c", asked], capture_output=True, text=True, check=True).stdout == "[]\n"

"""Life in a host: forks under load, gunicorn with preloading, a process that ends amid calls."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from bodies import bodies
from world import World

import aios

HERE = Path(__file__).parent


def run(program: str, *arguments: str | Path, seconds: int) -> subprocess.CompletedProcess[str]:
    """Runs a program of this folder, which must end well."""
    command = [sys.executable, "-X", "faulthandler", str(HERE / program), *map(str, arguments)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=seconds)
    assert ended.returncode == 0, f"{ended.returncode}\n{ended.stdout}\n{ended.stderr}"
    return ended


def trail(world: World) -> tuple[aios.Report, list[dict[str, Any]]]:
    """Everything that production engines recorded."""
    with aios.Aios.open(world.configuration("sqlite:aios.db"), world.folder) as gate:
        report = gate.audit.verify()
    assert report, report
    return report, bodies(world.folder / "aios.db")


def test_children_forked_under_load_call_and_their_parent_goes_on(world: World) -> None:
    ended = run("forks.py", world.job(), seconds=120)
    report, records = trail(world)
    assert not report.dangling
    intents = [record for record in records if record["type"] == "intent"]
    assert len(intents) == int(ended.stdout.split()[-1])
    assert len({intent["id"] for intent in intents}) == len(intents)
    writers = [record["source"]["process"] for record in records if record["type"] == "open"]
    assert len(writers) == len(set(writers)) == 25, "one chain of the parent and of each of 24 children"


@pytest.mark.parametrize("how", ["threads", "tasks", "loop", "verify", "exit"])
def test_a_process_ends_promptly_while_calls_are_under_way(world: World, how: str) -> None:
    began = time.monotonic()
    ended = run("exits.py", world.job(), how, seconds=60)
    assert time.monotonic() - began < 20
    assert "panicked" not in ended.stderr and "Fatal" not in ended.stderr, ended.stderr
    trail(world)


def free_port() -> int:
    import socket

    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port


def gunicorn(world: World, port: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "gunicorn", "--preload", "-w", "4", "-k", "asgi", "-b", f"127.0.0.1:{port}"]
    environment = {**os.environ, "JOB": str(world.job())}
    return subprocess.Popen(
        [*command, "--chdir", str(HERE), "--no-control-socket", "app:app"],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


def get(port: int, path: str, headers: dict[str, str]) -> tuple[int, dict[str, Any]]:
    """A connection for each request, so that every worker gets some."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection):
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())


def await_answer(server: subprocess.Popen[str], port: int) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert server.poll() is None, server.communicate()[1]
        try:
            get(port, "/openapi.json", {})
            return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("gunicorn does not answer")


def test_gunicorn_with_preloading_serves_async_endpoints_from_four_workers(world: World) -> None:
    port = free_port()
    server = gunicorn(world, port)
    try:
        await_answer(server, port)
        headers = {"authorization": f"Bearer {world.ada(int(time.time()))}"}

        def ask(path: str) -> dict[str, Any]:
            status, answer = get(port, path, headers)
            assert status == 200, answer
            return answer

        with ThreadPoolExecutor(32) as pool:
            reads = list(pool.map(ask, ["/read"] * 400))
            checks = list(pool.map(ask, ["/check"] * 40))
        assert not any(check["allowed"] for check in checks)
        assert get(port, "/read", {}) == (401, {"code": "token.missing"})
    finally:
        server.send_signal(signal.SIGTERM)
        stderr = server.communicate(timeout=60)[1]
    assert server.returncode == 0, stderr
    assert "Traceback" not in stderr, stderr
    workers = {read["process"] for read in reads}
    assert len(workers) > 1, "several workers answered"
    report, records = trail(world)
    intents = {record["id"] for record in records if record["type"] == "intent"}
    assert {read["permit"] for read in reads} <= intents and len(intents) == 401
    assert not report.dangling
    writers = [record["source"]["process"] for record in records if record["type"] == "open"]
    assert workers < set(writers)

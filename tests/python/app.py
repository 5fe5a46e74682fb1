"""A FastAPI program for gunicorn: the engine is opened before the workers are forked."""

from __future__ import annotations

import os

from fastapi import FastAPI, Header, Request
from fastapi.responses import JSONResponse
from world import REPORT, opened

import aios

gate, question = opened(os.environ["JOB"])
# What the master does with the engine must not matter to its children.
with gate.authorize(**question):
    pass
app = FastAPI()


@app.exception_handler(aios.Refused)
async def refused(_: Request, refusal: aios.Refused) -> JSONResponse:
    return JSONResponse({"code": refusal.code}, status_code=refusal.status)


@app.get("/read")
async def read(authorization: str | None = Header(default=None)) -> dict[str, object]:
    token = authorization.removeprefix("Bearer ") if authorization else None
    async with await gate.authorize_async(credential=token, action="read", resource=REPORT) as permit:
        return {"permit": permit.id, "process": os.getpid()}


@app.get("/check")
def check(authorization: str = Header()) -> dict[str, object]:
    token = authorization.removeprefix("Bearer ")
    return {"allowed": bool(gate.check(credential=token, action="write", resource=REPORT)), "process": os.getpid()}

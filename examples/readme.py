# README's program in Python. Give it an access token, in a folder with README's aios.toml and policies.
import sys

from aios import Aios, Denied

with Aios.open("aios.toml") as aios:
    token, report = sys.argv[1], {"type": "Aios::Data", "id": "report-7", "tenant": "acme"}
    with aios.authorize(credential=token, action="read", resource=report) as permit:
        print(f"permitted: {permit.principal.subject} may {permit.action}")
        permit.complete("ok", {"rows": 42})  # here the call has been made
    try:
        aios.authorize(credential=token, action="write", resource=report)
    except Denied as refusal:
        print(f"refused: {refusal}")
    print("the trail is whole:", str(aios.audit.verify().ok).lower())

"""What peers in Python take for the same decision: microseconds of processor time, as JSON by name."""

import json
import pathlib
import sys
import time


def measured(ask):
    ask()
    best = float("inf")
    for _ in range(5):
        rounds = 0
        began = time.process_time()
        while time.process_time() - began < 0.2:
            ask()
            rounds += 1
        best = min(best, (time.process_time() - began) / rounds)
    return best * 1e6


def cedarpy(folder):
    import cedarpy

    policies = (folder / "policies.cedar").read_text()
    entities = json.loads((folder / "entities.json").read_text())
    roles = [{"type": "Aios::Role", "id": f"r{number}"} for number in range(8)]
    attributes = {"tenant": "acme", "issuer": "corp", "scopes": ["crm.read"]}
    entities.append({"uid": {"type": "Aios::User", "id": "corp/alice"}, "attrs": attributes, "parents": roles})
    entities = json.dumps(entities)
    request = {
        "principal": 'Aios::User::"corp/alice"',
        "action": 'Aios::Action::"read"',
        "resource": 'Aios::Data::"d1"',
        "context": {},
    }

    def ask():
        answer = cedarpy.is_authorized(request, policies, entities)
        assert answer.allowed and len(answer.diagnostics.reasons) == 10, answer

    return ask


def cedarling(folder):
    """It takes callers without parents, so that roles stand in an attribute, and policies ask that."""
    from cedarling_python import BootstrapConfig, Cedarling, EntityData, RequestUnsigned

    count = (folder / "policies.cedar").read_text().count("@id(")
    schema = """namespace Aios {
      entity User = { "roles": Set<String>, "scopes": Set<String> };
      entity Data;
      action "read" appliesTo { principal: [User], resource: [Data], context: {} };
    }"""
    store = folder / "store"
    (store / "policies").mkdir(parents=True)
    about = {"id": "abc123def456", "name": "bench", "version": "1.0.0"}
    (store / "metadata.json").write_text(json.dumps({"cedar_version": "4.4.0", "policy_store": about}))
    (store / "schema.cedarschema").write_text(schema)
    for number in range(count):
        condition = f'principal.roles.contains("r{number}") && principal.scopes.contains("crm.read")'
        text = f'@id("p{number}") permit(principal, action == Aios::Action::"read", resource) when {{ {condition} }};'
        (store / "policies" / f"p{number}.cedar").write_text(text)
    engine = Cedarling(
        BootstrapConfig(
            {
                "CEDARLING_APPLICATION_NAME": "bench",
                "CEDARLING_POLICY_STORE_LOCAL_FN": str(store),
                "CEDARLING_LOG_TYPE": "off",
                "CEDARLING_JWT_SIG_VALIDATION": "disabled",
                "CEDARLING_JWT_STATUS_VALIDATION": "disabled",
            }
        )
    )

    def entity(kind, id, **attributes):
        return EntityData.from_dict({"cedar_entity_mapping": {"entity_type": kind, "id": id}, **attributes})

    roles = [f"r{number}" for number in range(10)]
    caller = entity("Aios::User", "alice", roles=roles, scopes=["crm.read"])
    request = RequestUnsigned(
        principal=caller, action='Aios::Action::"read"', resource=entity("Aios::Data", "d1"), context={}
    )

    def ask():
        answer = engine.authorize_unsigned(request)
        assert answer.is_allowed(), answer

    return ask


folder = pathlib.Path(sys.argv[1])
times = {"cedarpy": measured(cedarpy(folder)), "cedarling-python": measured(cedarling(folder))}
print(json.dumps(times))

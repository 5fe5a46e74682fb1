// What the types must allow, seen through `import`.
import { Aios, AuthenticationError, CODES, type Code, type Decision, Denied, Failed, type Permit, type Question, Refused } from "@aios/node";
import { TestIdp, engine } from "@aios/node/testing";

export async function allowed(maybe: string | undefined): Promise<Code | null> {
  await using aios: Aios = await Aios.open("aios.toml");
  const resource = { type: "Aios::Data", id: "r", tenant: "acme" };
  // What may be undefined can be passed on.
  const question: Question = { credential: { bearer: "x" }, action: "read", resource, trace: maybe, call: maybe, input: { rows: [1, { a: null }] } };
  const decision: Decision = await aios.check(question);
  if (!decision.allowed) return decision.code;
  const principal = await aios.authenticate("x");
  const tenant: string | null = principal.tenant_id;
  const permit: Permit = await aios.authorize({ principal, action: "read", resource });
  const rows: number = await permit.run(async (inside) => inside.view.action.length);
  const sum: number = await aios.run(question, () => 1);
  void [tenant, rows, sum];
  try {
    await principal.authorize({ action: "read", resource });
  } catch (error) {
    if (error instanceof AuthenticationError || error instanceof Denied) return error.code;
    if (error instanceof Failed && error.retry === "later") return error.code satisfies Code;
    if (error instanceof Refused) return CODES[error.code].status > 400 ? error.code : null;
  }
  const test = await engine({ deployment: "test" }, { base: ".", now: 1 });
  test.clock.advance(1);
  const idp = new TestIdp();
  await using served = await idp.serve();
  const token: string = idp.sign({ sub: "ada" }, { algorithm: "ES256", header: { kid: null } });
  void [served.requests + 1, token];
  return (await test.audit.verify({ tenant: "acme" })).ok ? null : "audit.unavailable";
}

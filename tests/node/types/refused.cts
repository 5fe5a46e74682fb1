// What the types must refuse, seen through `require`. Each line under an expectation is an error, or this file is one.
import aios = require("@aios/node");

declare const gate: aios.Aios;
declare const question: aios.Question;
declare const permit: aios.Permit;
declare const principal: aios.Principal;

export async function refused(): Promise<void> {
  // @ts-expect-error: a decision is not its `allowed`
  const allowed: boolean = gate.checkSync(question);
  // @ts-expect-error: nor is it compared with one
  if (gate.checkSync(question) === true) return;
  // @ts-expect-error: a check that is not awaited is always true
  if (gate.check(question)) return;
  // @ts-expect-error: an authorize that is not awaited is always true
  if (gate.authorize(question)) return;
  // @ts-expect-error: nobody asks
  await gate.authorize({ action: "read", resource: { type: "Aios::Data", id: "r" } });
  // @ts-expect-error: two ask
  await gate.authorize({ principal, credential: "x", action: "read", resource: { type: "Aios::Data", id: "r" } });
  // @ts-expect-error: a view is no principal
  await gate.authorize({ principal: principal.view, action: "read", resource: { type: "Aios::Data", id: "r" } });
  // @ts-expect-error: a resource needs an id
  await gate.authorize({ credential: "x", action: "read", resource: { type: "Aios::Data" } });
  // @ts-expect-error: a member that does not exist
  await gate.authorize({ credential: "x", action: "read", resource: { type: "Aios::Data", id: "r", color: "blue" } });
  // @ts-expect-error: a principal asks without a credential
  await principal.check({ credential: "x", action: "read", resource: { type: "Aios::Data", id: "r" } });
  // @ts-expect-error: only the engine records this
  permit.complete("abandoned");
  // @ts-expect-error: no such code
  const code: aios.Code = "policy.maybe";
  // @ts-expect-error: not made by anybody else
  new aios.Permit();
  // @ts-expect-error: not made by anybody else
  new aios.Principal();
  // @ts-expect-error: not made by anybody else
  new aios.Aios();
  // @ts-expect-error: not made by anybody else
  new aios.Denied();
  // @ts-expect-error: a view does not change
  principal.view.roles.push("admin");
  // @ts-expect-error: closing is awaited
  using engine = gate;
  void [allowed, code, engine];
}

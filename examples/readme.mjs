// README's program in JavaScript. Give it an access token, in a folder with README's aios.toml and policies.
import { Aios } from "@aios/node";

const aios = await Aios.open("aios.toml");
const token = process.argv[2];
const report = { type: "Aios::Data", id: "report-7", tenant: "acme" };
const permit = await aios.authorize({ credential: token, action: "read", resource: report });
console.log(`permitted: ${permit.principal.subject} may ${permit.action}`);
permit.complete("ok", { rows: 42 }); // here the call has been made
try {
  await aios.authorize({ credential: token, action: "write", resource: report });
} catch (refusal) {
  console.log(`refused: ${refusal.message}`);
}
console.log(`the trail is whole: ${(await aios.audit.verify()).ok}`);
await aios.close();

// An OpenID provider that AIOS did not write: npm's oidc-provider on loopback, with JWT access tokens, and opaque ones for one client.
//
// Prints one line of JSON with its issuer once it listens. Reads commands from stdin, a line each, and answers each with
// one line: `replace` makes new keys and forgets the old ones, `overlap` makes new keys and still publishes the old ones.
// Ends when stdin does, so that it never outlives its test.

import { createServer } from 'node:http';
import { generateKeyPairSync } from 'node:crypto';
import { createInterface } from 'node:readline';
import { Provider } from 'oidc-provider';

// What each client's tokens say: a tenant and roles, or neither where AIOS's own registry knows the client.
const CLIENTS = [
  { client_id: 'portal', tid: 't-acme', roles: ['Analyst'], alg: 'RS256' },
  { client_id: 'mobile', tid: 't-acme', roles: ['Analyst'], alg: 'ES256' },
  { client_id: 'reporter', alg: 'RS256' },
  { client_id: 'helper', alg: 'ES256' },
  { client_id: 'liar', tid: 't-other', roles: ['Analyst'], alg: 'RS256' },
  { client_id: 'opaque', tid: 't-acme', roles: ['Analyst'], format: 'opaque' },
  // Asks what tokens stand for, as AIOS does.
  { client_id: 'aios', token_endpoint_auth_method: 'client_secret_basic' },
  { client_id: 'poacher', tid: 't-globex', alg: 'RS256' },
];

const settings = {
  clients: CLIENTS.map((client) => ({
    client_secret: `${client.client_id}-secret`,
    grant_types: ['client_credentials'],
    redirect_uris: [],
    response_types: [],
    token_endpoint_auth_method: 'client_secret_post',
    ...client,
  })),
  extraClientMetadata: { properties: ['tid', 'roles', 'alg', 'format'] },
  extraTokenClaims: (ctx) => {
    const { tid, roles } = ctx.oidc.client;
    return { ...(tid && { tid }), ...(roles && { roles }) };
  },
  ttl: { ClientCredentials: 600 },
  features: {
    clientCredentials: { enabled: true },
    devInteractions: { enabled: false },
    introspection: { enabled: true },
    revocation: { enabled: true },
    resourceIndicators: {
      enabled: true,
      getResourceServerInfo: (ctx, resource, client) => ({
        scope: 'crm.read',
        accessTokenFormat: client.format ?? 'jwt',
        ...(client.format === undefined && { jwt: { sign: { alg: client.alg } } }),
      }),
    },
  },
};

let generation = 0;
let published = [];

function makeKeys() {
  generation += 1;
  const make = (kind, options, alg) => ({
    ...generateKeyPairSync(kind, options).privateKey.export({ format: 'jwk' }),
    alg,
    kid: `${alg.toLowerCase()}-${generation}`,
    use: 'sig',
  });
  return [make('rsa', { modulusLength: 2048 }, 'RS256'), make('ec', { namedCurve: 'P-256' }, 'ES256')];
}

// A provider's keys are fixed when it is made: rotation puts a new provider behind the same address. It signs with the
// first key that fits.
function serveWith(keys) {
  published = keys;
  handle = new Provider(issuer, { ...settings, jwks: { keys } }).callback();
}

let handle;
let issuer;
const server = createServer((request, response) => handle(request, response));
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${server.address().port}`;
  serveWith(makeKeys());
  console.log(JSON.stringify({ issuer }));
});

const commands = {
  replace: () => serveWith(makeKeys()),
  overlap: () => serveWith([...makeKeys(), ...published]),
};
createInterface({ input: process.stdin })
  .on('line', (line) => {
    commands[line]();
    console.log(JSON.stringify({ kids: published.map((key) => key.kid) }));
  })
  .on('close', () => process.exit(0));

// Secrets that are used and never seen: requests are made in Rust, and the header that carries the secret exists only there.
import { inspect } from "node:util";
import { NOTHING, awaited, decode, now } from "./codec.js";
import type { NativeSecretAnswer, NativeSecretUse, Text } from "./native.js";
import type { AnswerHead, SecretFetch } from "./types.js";

/** A secret that requests may carry, each of which is decided anew. Nothing leads from it to the value. */
export interface SecretUse {
  /** Its reference; without version: whichever is current when it is used. */
  readonly reference: string;
  /**
   * As the global `fetch`, with the secret, where policy and the secret's terms permit it. What stands where credentials go is
   * left out of the headers. A redirect is an answer, never followed. What is refused rejects with the refusal.
   */
  fetch(input: string | URL | Request, init?: RequestInit): Promise<Response>;
  /** {@link SecretUse.fetch} as a function on its own, for clients that take one: `new OpenAI({ apiKey: "unused", fetch })`. */
  fetchWrapper(): typeof globalThis.fetch;
}

/** Statuses whose answers have no body (Fetch, section 2.2.6). */
const BODILESS = new Set([204, 205, 304]);

/** @internal */
export function secretUse(native: NativeSecretUse): SecretUse {
  const { reference } = now(() => decode(native.view(NOTHING)));
  const send: SecretUse["fetch"] = async (input, init) => {
    const request = new Request(input, init);
    const asked = await written(request);
    request.signal.throwIfAborted();
    const answer = await awaited(async () => native.fetch(asked));
    if (request.signal.aborted) {
      now(() => answer.end(NOTHING));
      throw request.signal.reason;
    }
    return response(answer, request);
  };
  return Object.freeze({
    reference,
    fetch: send,
    fetchWrapper: () => send as typeof globalThis.fetch,
    [inspect.custom]: () => `SecretUse ${reference}`,
  });
}

/** A body may be larger than other requests are, so its text is made here. */
async function written(request: Request): Promise<Text<SecretFetch>> {
  const body = Buffer.from(await request.arrayBuffer()).toString("base64");
  const [url = ""] = request.url.split("#", 1);
  const headers = [...request.headers].map(([name, value]) => ({ name, value }));
  return JSON.stringify({ method: request.method, url, headers, body_base64: body }) as Text<SecretFetch>;
}

function response(answer: NativeSecretAnswer, request: Request): Response {
  const head: AnswerHead = now(() => decode(answer.head(NOTHING)));
  const headers = new Headers(head.headers.map(({ name, value }): [string, string] => [name, value]));
  const made = new Response(BODILESS.has(head.status) ? null : body(answer, request.signal), { status: head.status, headers });
  // Clients look at it to resolve a location.
  Object.defineProperty(made, "url", { value: request.url });
  return made;
}

/** The body, part by part, as it is read. */
function body(answer: NativeSecretAnswer, signal: AbortSignal): ReadableStream<Uint8Array> {
  const end = (): void => now(() => void answer.end(NOTHING));
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const stop = (): void => {
        end();
        controller.error(signal.reason);
      };
      signal.addEventListener("abort", stop, { once: true });
    },
    async pull(controller) {
      const { base64 } = decode(await awaited(async () => answer.next(NOTHING)));
      if (signal.aborted) return;
      if (base64 === null) controller.close();
      else controller.enqueue(new Uint8Array(Buffer.from(base64, "base64")));
    },
    cancel: end,
  });
}

// Secrets that are used and never seen: requests are made in Rust, and the header that carries the secret exists only there.
import { inspect } from "node:util";
import { NOTHING, awaited, decode, now } from "./codec.js";
import type { NativeSecretAnswer, NativeSecretSending, NativeSecretUse, Text } from "./native.js";
import type { AnswerHead, BodyPart, SecretFetch, SecretUpload } from "./types.js";

/** A secret that requests may carry, each of which is decided anew. Nothing leads from it to the value. */
export interface SecretUse {
  /** Its reference; without version: whichever is current when it is used. */
  readonly reference: string;
  /**
   * As the global `fetch`, with the secret, where policy and the secret's terms permit it. What stands where credentials go is
   * left out of the headers. A redirect is an answer, never followed. What is refused rejects with the refusal. A body that is a
   * `ReadableStream` or another async iterable in `init` is sent as it comes, 1 GiB at most; any other, 64 MiB at most, at once.
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
    const answer = await (isStream(init?.body) ? uploaded(native, request) : fetched(native, request));
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

/** Whether a body comes in parts. A Blob's length is known, and it is at hand. */
function isStream(body: unknown): boolean {
  if (typeof body !== "object" || body === null || body instanceof FormData || body instanceof URLSearchParams) return false;
  return body instanceof ReadableStream || Symbol.asyncIterator in body;
}

/** A request without its body. */
function asked(request: Request): Omit<SecretUpload, "length"> {
  const [url = ""] = request.url.split("#", 1);
  return { method: request.method, url, headers: [...request.headers].map(([name, value]) => ({ name, value })) };
}

/** A body may be larger than other requests are, so its text is made here. */
async function fetched(native: NativeSecretUse, request: Request): Promise<NativeSecretAnswer> {
  const body_base64 = Buffer.from(await request.arrayBuffer()).toString("base64");
  request.signal.throwIfAborted();
  const text = JSON.stringify({ ...asked(request), body_base64 }) as Text<SecretFetch>;
  return awaited(async () => native.fetch(text));
}

/** Sends a body as it comes. One that fails, or is aborted, breaks the request off. */
async function uploaded(native: NativeSecretUse, request: Request): Promise<NativeSecretAnswer> {
  request.signal.throwIfAborted();
  const said = request.headers.get("content-length");
  const length = said !== null && /^\d+$/.test(said) ? { length: Number(said) } : {};
  const text = JSON.stringify({ ...asked(request), ...length }) as Text<SecretUpload>;
  const sending = await awaited(async () => native.upload(text));
  const body = request.body?.getReader();
  const stop = (): void => {
    now(() => void sending.end(NOTHING));
    // Whoever makes the body may never come back.
    void body?.cancel(request.signal.reason).catch(() => {});
  };
  request.signal.addEventListener("abort", stop, { once: true });
  try {
    if (body !== undefined) await pumped(sending, body);
    return await awaited(async () => sending.answer(NOTHING));
  } catch (thrown) {
    stop();
    request.signal.throwIfAborted();
    throw thrown;
  } finally {
    request.signal.removeEventListener("abort", stop);
  }
}

/** What crosses at once. */
const PART = 1 << 20;

async function pumped(sending: NativeSecretSending, body: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  for (let read = await body.read(); !read.done; read = await body.read()) {
    const data = read.value;
    for (let start = 0; start < data.byteLength; start += PART) {
      const part = data.subarray(start, start + PART);
      const base64 = Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString("base64");
      const text = JSON.stringify({ base64 }) as Text<BodyPart>;
      const { wanted } = decode(await awaited(async () => sending.part(text)));
      if (!wanted) return void body.cancel().catch(() => {});
    }
  }
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

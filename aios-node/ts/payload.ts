// Payloads: bytes of any length under the tenant's key, sealed and opened part by part.
import { inspect } from "node:util";
import { NOTHING, awaited, decode } from "./codec.js";
import type { NativePayload, Text } from "./native.js";
import type { PayloadBytes, PayloadPart } from "./types.js";

/** A payload that is being sealed or opened. Opened bytes may be a beginning until its end has been seen. */
export interface Payload {
  /** Works on more bytes, and gives those that are ready: of opened ones, what was sealed as far as it goes. One part after the other. */
  update(data: Uint8Array): Promise<Uint8Array>;
  /** Ends it, and gives what is left. Rejects where an opened one is not whole: then nothing of it may be believed. */
  finish(): Promise<Uint8Array>;
  /** The whole of it, from the whole. */
  whole(data: Uint8Array): Promise<Uint8Array>;
  /** For `pipeThrough`: errs at the end where an opened one is not whole. */
  stream(): TransformStream<Uint8Array, Uint8Array>;
}

/** What crosses at once. */
const PART = 1 << 20;

/** @internal */
export function payload(native: NativePayload): Payload {
  const part = async (data: Uint8Array): Promise<Uint8Array> => {
    // Larger than other requests are, so its text is made here.
    const base64 = Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString("base64");
    const text = JSON.stringify({ base64 }) as Text<PayloadBytes>;
    return bytes(decode(await awaited(async () => native.update(text))));
  };
  const update = async (data: Uint8Array): Promise<Uint8Array> => {
    const done: Uint8Array[] = [];
    for (let start = 0; start < data.byteLength; start += PART) done.push(await part(data.subarray(start, start + PART)));
    return new Uint8Array(Buffer.concat(done));
  };
  // One part after the other, also where nobody awaits the one before.
  let before: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const next = before.then(work);
    before = next.catch(() => {});
    return next;
  };
  const finish = async (): Promise<Uint8Array> => bytes(decode(await awaited(async () => native.finish(NOTHING))));
  return Object.freeze({
    update: (data: Uint8Array) => inTurn(() => update(data)),
    finish: () => inTurn(finish),
    whole: (data: Uint8Array) => inTurn(async () => new Uint8Array(Buffer.concat([await update(data), await finish()]))),
    stream: () =>
      new TransformStream<Uint8Array, Uint8Array>({
        transform: async (data, controller) => controller.enqueue(await inTurn(() => update(data))),
        flush: async (controller) => controller.enqueue(await inTurn(finish)),
      }),
    [inspect.custom]: () => "Payload",
  });
}

function bytes({ base64 }: PayloadPart): Uint8Array {
  return new Uint8Array(Buffer.from(base64, "base64"));
}

import type { FetchLike } from "@modelcontextprotocol/client";
import type { SecretSet } from "@codex-ts/api/internal";
import type { JsonValue } from "@codex-ts/protocol";

/** A longer refusal is cut: nobody reads more of it. */
const MAX_BYTES = 64 * 1024;

/**
 * A `fetch` for logins whose refusals do not repeat credentials: an authorization server may send back what it was sent,
 * and the library prints its words to the console.
 */
export function scrubbedRefusals(fetch: FetchLike, secrets: SecretSet): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (response.ok || response.body === null) return response;
    const { status, statusText, headers } = response;
    const text = scrubbedBody(await beginningOf(response.body), secrets);
    return new Response(text, { status, statusText, headers: withoutLength(headers) });
  };
}

/** Scrubbed as what it says: JSON has many spellings of a text. */
function scrubbedBody(text: string, secrets: SecretSet): string {
  let value: JsonValue;
  try {
    value = JSON.parse(text) as JsonValue;
  } catch {
    return secrets.scrub(text);
  }
  return JSON.stringify(secrets.scrubJson(value));
}

async function beginningOf(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= MAX_BYTES) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BYTES).toString("utf8");
}

function withoutLength(headers: Headers): Headers {
  const kept = new Headers(headers);
  for (const name of ["content-length", "content-encoding"]) kept.delete(name);
  return kept;
}

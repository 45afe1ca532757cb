import type { JsonValue, RequestBodyFacts } from "@codex-ts/protocol";
import { hash } from "node:crypto";

/** Members of a body that describe it. */
export interface DescribedBody {
  readonly input?: readonly unknown[] | JsonValue | undefined;
  readonly previous_response_id?: string | undefined;
  readonly generate?: boolean | undefined;
}

/** Describes a body without its content; at most once, and only when called. */
export function bodyFacts(
  json: Uint8Array | string,
  encoding: RequestBodyFacts["encoding"],
  body: DescribedBody = {},
): () => RequestBodyFacts {
  let facts: RequestBodyFacts | undefined;
  return () => {
    facts ??= {
      bytes: typeof json === "string" ? Buffer.byteLength(json) : json.length,
      encoding,
      sha256: hash("sha256", json),
      inputItems: Array.isArray(body.input) ? body.input.length : undefined,
      previousResponseId: body.previous_response_id,
      generate: body.generate,
    };
    return facts;
  };
}

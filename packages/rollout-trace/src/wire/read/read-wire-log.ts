import type { BundleSource } from "../../reader/source.ts";
import type { WireRecord } from "../records.ts";
import { WireLineReader } from "./parse-wire-log.ts";
import { assemble } from "./wire-attempts.ts";
import type { WireAttempt, WireConnection } from "./wire-attempts.ts";
import type { WireDiagnostic } from "./wire-diagnostic.ts";

/** A wire log, as far as it could be read. */
export interface WireLog {
  /** False: the bundle has no wire log, as those of Codex, so nothing is known of its attempts. */
  readonly isPresent: boolean;
  readonly records: readonly WireRecord[];
  /** In the order they started. */
  readonly attempts: readonly WireAttempt[];
  readonly connections: readonly WireConnection[];
  /** Problems that were passed over. */
  readonly diagnostics: readonly WireDiagnostic[];
}

/**
 * Reads the wire log of a bundle, e.g. from `openBundle`. Never rejects: a log that is damaged, or still being written,
 * is read as far as it goes, and what was wrong is listed.
 */
export async function readWireLog(bundle: BundleSource): Promise<WireLog> {
  const reader = new WireLineReader();
  let isPresent = false;
  try {
    const chunks = await bundle.wireLog?.();
    isPresent = chunks !== undefined;
    for await (const chunk of chunks ?? []) {
      reader.push(chunk);
      if (reader.isFull) break;
    }
  } catch {
    reader.note({ code: "unreadable", message: "wire.jsonl cannot be read" });
  }
  return finished(reader, isPresent);
}

/** Reads the text or the bytes of a wire log. Never throws; see {@link readWireLog}. */
export function parseWireLog(log: string | Uint8Array): WireLog {
  const reader = new WireLineReader();
  reader.push(typeof log === "string" ? new TextEncoder().encode(log) : log);
  return finished(reader, true);
}

function finished(reader: WireLineReader, isPresent: boolean): WireLog {
  reader.end();
  const { attempts, connections, problems } = assemble(reader.records, { isCut: reader.isFull });
  for (const problem of problems) reader.note(problem);
  const { records, diagnostics } = reader;
  return { isPresent, records, attempts, connections, diagnostics };
}

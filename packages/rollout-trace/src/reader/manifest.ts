import { isJsonObject } from "@codex-ts/protocol";
import type { TraceManifest } from "../bundle.ts";
import type { ByteOperations } from "../json/bytes.ts";
import { parseStrictJson } from "../json/parse-strict.ts";

/** A manifest as far as it could be read. */
export interface ReadManifest {
  readonly members: Partial<TraceManifest>;
  /** What is wrong with it, or `undefined` for a complete one. */
  readonly problem: string | undefined;
}

const NUMBERS = ["schema_version", "started_at_unix_ms"] as const;
const TEXTS = [
  "trace_id",
  "rollout_id",
  "root_thread_id",
  "raw_event_log",
  "payloads_dir",
] as const;

export function readManifest(operations: ByteOperations, bytes: Uint8Array): ReadManifest {
  let value: unknown;
  try {
    value = parseStrictJson(operations.decode(bytes, 0, bytes.length));
  } catch {
    return { members: {}, problem: "manifest.json is not valid json" };
  }
  if (!isJsonObject(value)) return { members: {}, problem: "manifest.json is not an object" };
  const members: { [name: string]: string | number } = {};
  let bad: string | undefined;
  for (const name of NUMBERS) {
    const member = value[name];
    if (typeof member === "number" && Number.isInteger(member)) members[name] = member;
    else bad ??= name;
  }
  for (const name of TEXTS) {
    const member = value[name];
    if (typeof member === "string") members[name] = member;
    else bad ??= name;
  }
  return {
    members,
    problem: bad === undefined ? undefined : `manifest.json lacks a usable ${bad}`,
  };
}

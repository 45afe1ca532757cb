import { isJsonObject } from "@codex-ts/protocol";
import type { JsonObject, JsonValue } from "@codex-ts/protocol";
import type { TraceManifest } from "../format/bundle.ts";
import type { ByteOperations } from "../json/bytes.ts";
import { parseExactJson } from "../json/parse-exact.ts";
import { parseStrictMembers } from "../json/parse-strict.ts";
import { ShapeError } from "./event-shape.ts";
import { requireIntegers } from "./written-integer.ts";

/** A manifest as far as it could be read. */
export interface ReadManifest {
  readonly members: Partial<TraceManifest>;
  /** The first fault, or `undefined` for a complete manifest. */
  readonly problem: string | undefined;
}

/** Real ones have a few hundred bytes. */
export const MAX_MANIFEST_BYTES: number = 64 * 1024;

const NUMBERS = ["schema_version", "started_at_unix_ms"] as const;
const TEXTS = [
  "trace_id",
  "rollout_id",
  "root_thread_id",
  "raw_event_log",
  "payloads_dir",
] as const;
const INTEGERS = { schema_version: "u32", started_at_unix_ms: "i64" } as const;
const NAMES: ReadonlySet<string> = new Set([...NUMBERS, ...TEXTS]);

export function readManifest(operations: ByteOperations, bytes: Uint8Array): ReadManifest {
  if (bytes.length > MAX_MANIFEST_BYTES) {
    return { members: {}, problem: `manifest.json is larger than ${MAX_MANIFEST_BYTES} bytes` };
  }
  let text: string;
  let value: JsonValue;
  try {
    text = operations.decode(bytes, 0, bytes.length);
    value = parseStrictMembers(text, NAMES);
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
    problem: bad === undefined ? oddText(text, value) : `manifest.json lacks a usable ${bad}`,
  };
}

/** A fault Codex refuses although every member is there: one twice, or a number it does not take. */
function oddText(text: string, value: JsonObject): string | undefined {
  try {
    const node = parseExactJson(text, {
      isPassedOver: (name) => !NAMES.has(name),
      onRepeatedName(name) {
        throw new ShapeError(`member ${name} comes twice`);
      },
    });
    requireIntegers(node, value, INTEGERS);
    return undefined;
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error;
    return `manifest.json: ${error.message}`;
  }
}

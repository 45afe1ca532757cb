import type { InferenceCall } from "./model/runtime.ts";
import type { ReducedTrace } from "./model/trace.ts";
import { ChunkedFile } from "./state-file/chunked-file.ts";
import { ItemIdLists } from "./state-file/item-id-lists.ts";

/**
 * Writes a state as pretty-printed JSON, byte for byte what `JSON.stringify(state, null, 2)` gives, but record by
 * record: a long trace prints to more than one string can hold. The file appears at once and whole, replaces
 * what was there, and is readable by its owner only. Throws the file system's error and leaves nothing behind.
 */
export function writeReducedState(path: string, state: ReducedTrace): void {
  const file = new ChunkedFile(path);
  try {
    print(file, state);
    file.commit();
  } catch (error) {
    file.abandon();
    throw error;
  }
}

function print(file: ChunkedFile, state: ReducedTrace): void {
  let separator = "{\n";
  for (const [name, value] of Object.entries(state) as [string, unknown][]) {
    file.text(`${separator}  ${JSON.stringify(name)}: `);
    separator = ",\n";
    if (name === "inference_calls") printCalls(file, state.inference_calls);
    else if (typeof value === "object" && value !== null) printRecords(file, value);
    else file.text(JSON.stringify(value));
  }
  file.text("\n}");
}

function printRecords(file: ChunkedFile, records: object): void {
  let separator = "{";
  for (const [id, record] of Object.entries(records)) {
    file.text(`${separator}\n    ${JSON.stringify(id)}: ${indented(record)}`);
    separator = ",";
  }
  file.text(separator === "{" ? "{}" : "\n  }");
}

const EMPTY_LIST = `"request_item_ids": []`;

function printCalls(file: ChunkedFile, calls: ReducedTrace["inference_calls"]): void {
  const lists = new ItemIdLists(Object.values(calls));
  let separator = "{";
  for (const [id, call] of Object.entries(calls)) {
    const text = indented({ ...call, request_item_ids: [] } satisfies InferenceCall);
    if (call.request_item_ids.length === 0) {
      file.text(`${separator}\n    ${JSON.stringify(id)}: ${text}`);
    } else {
      // After a line break this text is no string's: strings have their line breaks escaped.
      const at = text.indexOf(`\n      ${EMPTY_LIST}`) + `\n      ${EMPTY_LIST}`.length - 1;
      const { shared, rest } = lists.print(call);
      file.text(`${separator}\n    ${JSON.stringify(id)}: ${text.slice(0, at)}`);
      file.bytes(shared);
      file.text(`${rest}\n      ${text.slice(at)}`);
    }
    separator = ",";
  }
  file.text(separator === "{" ? "{}" : "\n  }");
}

/** A record as it stands inside a map of the state. */
function indented(record: unknown): string {
  return JSON.stringify(record, null, 2).replaceAll("\n", "\n    ");
}

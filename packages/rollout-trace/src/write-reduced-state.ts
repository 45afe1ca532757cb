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
    else if (isMap(value)) printRecords(file, value);
    else file.text(JSON.stringify(value));
  }
  file.text("\n}");
}

function isMap(value: unknown): value is { readonly [id: string]: object } {
  return typeof value === "object" && value !== null;
}

function printRecords(file: ChunkedFile, records: { readonly [id: string]: object }): void {
  const ids = Object.keys(records);
  if (ids.length === 0) return file.text("{}");
  for (let start = 0; start < ids.length; start += BATCH_RECORDS) {
    const batch = ids.slice(start, start + BATCH_RECORDS);
    const texts = printedRecords(batch.map((id) => records[id]));
    const members = batch.map((id, index) => `\n    ${JSON.stringify(id)}: ${texts[index] ?? ""}`);
    file.text(`${start === 0 ? "{" : ","}${members.join(",")}`);
  }
  file.text("\n  }");
}

/** So many at once are quicker than one by one, and their text is still small. */
const BATCH_RECORDS = 16;

/** Records as they stand inside a map of the state. */
function printedRecords(records: readonly (object | undefined)[]): readonly string[] {
  // Printed in lists, which are as deep as the maps. No record holds this separator: what is in it stands further right.
  const text = JSON.stringify([records], null, 2).slice(
    LISTS_OPENING.length,
    -LISTS_CLOSING.length,
  );
  return text.split(SEPARATOR).map((record) => `{${record}`);
}

const LISTS_OPENING = "[\n  [\n    {";
const SEPARATOR = ",\n    {";
const LISTS_CLOSING = "\n  ]\n]";

/** After a line break this text is no string's: strings have their line breaks escaped. */
const EMPTY_LIST = `\n      "request_item_ids": []`;

/** Prints the calls without their request lists, and puts each list in its place. */
function printCalls(file: ChunkedFile, calls: ReducedTrace["inference_calls"]): void {
  const lists = new ItemIdLists(Object.values(calls));
  const ids = Object.keys(calls);
  if (ids.length === 0) return file.text("{}");
  for (const [index, id] of ids.entries()) {
    const call = calls[id];
    if (call === undefined) continue;
    const [text = ""] = printedRecords([{ ...call, request_item_ids: [] }]);
    const listStart = text.indexOf(EMPTY_LIST) + EMPTY_LIST.length - 1;
    file.text(`${index === 0 ? "{" : ","}\n    ${JSON.stringify(id)}: ${text.slice(0, listStart)}`);
    if (call.request_item_ids.length > 0) {
      const { shared, rest } = lists.print(call);
      file.bytes(shared);
      file.text(`${rest}\n      `);
    }
    file.text(text.slice(listStart));
  }
  file.text("\n  }");
}

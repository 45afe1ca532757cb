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
  let separator = "{\n";
  for (const batch of batches(Object.entries(records))) {
    file.text(separator + printedBatch(batch));
    separator = ",\n";
  }
  file.text(separator === "{\n" ? "{}" : "\n  }");
}

const BATCH_RECORDS = 64;

function* batches<T>(list: readonly T[]): Generator<readonly T[], void> {
  for (let start = 0; start < list.length; start += BATCH_RECORDS)
    yield list.slice(start, start + BATCH_RECORDS);
}

/** Records as they stand inside a map of the state, without the brackets around them. */
function printedBatch(records: readonly (readonly [string, unknown])[]): string {
  const printed = JSON.stringify({ map: Object.fromEntries(records) }, null, 2);
  return printed.slice(BATCH_OPENING.length, -BATCH_CLOSING.length);
}

const BATCH_OPENING = `{\n  "map": {\n`;
const BATCH_CLOSING = "\n  }\n}";

/** After a line break this text is no string's: strings have their line breaks escaped. */
const EMPTY_LIST = `\n      "request_item_ids": []`;

/** Prints the calls without their request lists, and puts each list in its place. */
function printCalls(file: ChunkedFile, calls: ReducedTrace["inference_calls"]): void {
  const lists = new ItemIdLists(Object.values(calls));
  let separator = "{\n";
  for (const batch of batches(Object.entries(calls))) {
    const text = printedBatch(batch.map(([id, call]) => [id, { ...call, request_item_ids: [] }]));
    file.text(separator);
    separator = ",\n";
    let printedUntil = 0;
    for (const [, call] of batch) {
      const listStart = text.indexOf(EMPTY_LIST, printedUntil) + EMPTY_LIST.length - 1;
      file.text(text.slice(printedUntil, listStart));
      printedUntil = listStart;
      if (call.request_item_ids.length === 0) continue;
      const { shared, rest } = lists.print(call);
      file.bytes(shared);
      file.text(`${rest}\n      `);
    }
    file.text(text.slice(printedUntil));
  }
  file.text(separator === "{\n" ? "{}" : "\n  }");
}

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

interface Records {
  readonly [id: string]: object;
}

function isMap(value: unknown): value is Records {
  return typeof value === "object" && value !== null;
}

function printRecords(file: ChunkedFile, records: Records): void {
  printMap(file, records, (record) => {
    file.text(printedRecord(record).slice(OPENING.length, -CLOSING.length));
  });
}

function printMap<T>(
  file: ChunkedFile,
  map: { readonly [id: string]: T },
  printRecord: (record: T) => void,
): void {
  let separator = "{";
  for (const id of Object.keys(map)) {
    file.text(`${separator}\n    ${JSON.stringify(id)}: `);
    printRecord(map[id] as T);
    separator = ",";
  }
  file.text(separator === "{" ? "{}" : "\n  }");
}

/** A record as it stands inside a map of the state, with two lists around it: they are as deep. */
function printedRecord(record: object): string {
  return JSON.stringify([[record]], null, 2);
}

const OPENING = "[\n  [\n    ";
const CLOSING = "\n  ]\n]";

/** After a line break this text is no string's: strings have their line breaks escaped. */
const EMPTY_LIST = `\n      "request_item_ids": []`;

/** Prints the calls without their request lists, and puts each list in its place. */
function printCalls(file: ChunkedFile, calls: ReducedTrace["inference_calls"]): void {
  const lists = new ItemIdLists(Object.values(calls));
  printMap(file, calls, (call) => {
    const text = printedRecord({ ...call, request_item_ids: [] });
    const listStart = text.indexOf(EMPTY_LIST) + EMPTY_LIST.length - 1;
    file.text(text.slice(OPENING.length, listStart));
    if (call.request_item_ids.length > 0) {
      const { shared, rest } = lists.print(call);
      file.bytes(shared);
      file.text(`${rest}\n      `);
    }
    file.text(text.slice(listStart, -CLOSING.length));
  });
}

import type { InferenceCall } from "../model/runtime.ts";
import type { ChunkedFile } from "./chunked-file.ts";
import type { IdList } from "./id-list.ts";
import { ItemIdLists } from "./item-id-lists.ts";

/** A state to print, wherever its records are kept. */
export interface PrintableState<List> {
  /** In their order. */
  readonly members: readonly (PrintableValue | PrintableMap)[];
  /** The ids in `request_item_ids` of an inference call, whose record has an empty list there. */
  readonly requestList: (callId: string) => List | undefined;
}

/** A member that is no map. */
interface PrintableValue {
  readonly name: string;
  readonly value: unknown;
}

export interface PrintableMap {
  readonly name: string;
  /** In their order. */
  readonly ids: readonly string[];
  readonly record: (id: string) => object;
}

/** Prints a state byte for byte as `JSON.stringify(state, null, 2)` does. */
export function printState<List extends IdList<List>>(
  file: ChunkedFile,
  { members, requestList }: PrintableState<List>,
): void {
  members.forEach((member, index) => {
    file.text(`${index === 0 ? "{" : ","}\n  ${JSON.stringify(member.name)}: `);
    if ("value" in member) file.text(JSON.stringify(member.value));
    else if (member.name === "inference_calls") printCalls(file, member, requestList);
    else printRecords(file, member);
  });
  file.text("\n}");
}

function printRecords(file: ChunkedFile, map: PrintableMap): void {
  printMap(file, map, (id) => {
    file.text(printedRecord(map.record(id)).slice(OPENING.length, -CLOSING.length));
  });
}

function printMap(
  file: ChunkedFile,
  { ids }: PrintableMap,
  printRecord: (id: string) => void,
): void {
  ids.forEach((id, index) => {
    file.text(`${index === 0 ? "{" : ","}\n    ${JSON.stringify(id)}: `);
    printRecord(id);
  });
  file.text(ids.length === 0 ? "{}" : "\n  }");
}

/** A record as it stands inside a map of the state, with two lists around it: they are as deep. */
function printedRecord(record: object): string {
  return JSON.stringify([[record]], null, 2);
}

const OPENING = "[\n  [\n    ";
const CLOSING = "\n  ]\n]";

/** After a line break this text is no string's: strings have their line breaks escaped. */
const EMPTY_LIST = `\n      "request_item_ids": []`;

/** Prints the calls with each request list put in its place: written out in every call they would be most of the work. */
function printCalls<List extends IdList<List>>(
  file: ChunkedFile,
  map: PrintableMap,
  requestList: (callId: string) => List | undefined,
): void {
  const lists = new ItemIdLists<List>();
  for (const id of map.ids) {
    const list = requestList(id);
    if (list !== undefined) lists.expect(threadOf(map, id), list);
  }
  printMap(file, map, (id) => {
    const text = printedRecord(map.record(id));
    const listStart = text.indexOf(EMPTY_LIST) + EMPTY_LIST.length - 1;
    file.text(text.slice(OPENING.length, listStart));
    const list = requestList(id);
    if (list !== undefined && list.length > 0) {
      const { shared, rest } = lists.print(threadOf(map, id), list);
      file.bytes(shared);
      file.text(`${rest}\n      `);
    }
    file.text(text.slice(listStart, -CLOSING.length));
  });
}

function threadOf(calls: PrintableMap, id: string): string {
  return (calls.record(id) as InferenceCall).thread_id;
}

import type { InferenceCall } from "../model/runtime.ts";
import type { ChunkedFile } from "./chunked-file.ts";
import type { PayloadReference } from "../format/payload.ts";
import { PartList } from "./printed-list-source.ts";
import type { PrintableList } from "./printed-list-source.ts";
import { RepeatedLists } from "./repeated-lists.ts";

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
export function printState<List extends PrintableList<List>>(
  file: ChunkedFile,
  { members, requestList }: PrintableState<List>,
): void {
  members.forEach((member, index) => {
    file.text(`${index === 0 ? "{" : ","}\n  ${JSON.stringify(member.name)}: `);
    if ("value" in member) file.text(JSON.stringify(member.value));
    else if (member.name === "inference_calls") printCalls(file, member, requestList);
    else if (member.name === "raw_payloads") printPayloads(file, member);
    else printRecords(file, member);
  });
  file.text("\n}");
}

function printRecords(file: ChunkedFile, map: PrintableMap): void {
  printMap(file, map, (id) => {
    file.text(printedRecord(map.record(id)));
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

/** A record as it stands inside a map of the state. */
function printedRecord(record: object): string {
  // With two lists around it: they are as deep.
  return JSON.stringify([[record]], null, 2).slice(OPENING.length, -CLOSING.length);
}

const OPENING = "[\n  [\n    ";
const CLOSING = "\n  ]\n]";

/** Prints the calls with each request list put in its place: written out in every call they would be most of the work. */
function printCalls<List extends PrintableList<List>>(
  file: ChunkedFile,
  map: PrintableMap,
  requestList: (callId: string) => List | undefined,
): void {
  printWithLists(file, map, {
    member: "request_item_ids",
    listOf: requestList,
    groupOf: (id) => (map.record(id) as InferenceCall).thread_id,
    textOf: (id) => printedRecord(map.record(id)),
  });
}

/** The same with the parts of payloads: prompts name the whole history of their thread. */
function printPayloads(file: ChunkedFile, map: PrintableMap): void {
  const reference = (id: string): PayloadReference => map.record(id) as PayloadReference;
  printWithLists(file, map, {
    member: "parts",
    listOf: (id) => {
      const { parts } = reference(id);
      return parts && new PartList(parts);
    },
    groupOf: (id) => reference(id).parts?.[0]?.raw_payload_id ?? "",
    textOf: (id) => {
      const record = reference(id);
      return printedRecord(record.parts === undefined ? record : { ...record, parts: [] });
    },
  });
}

interface ListPlace<List> {
  /** The member with the list, which is empty in the record. */
  readonly member: string;
  readonly listOf: (id: string) => List | undefined;
  readonly groupOf: (id: string) => string;
  /** The record as it stands in the map, but for the list. */
  readonly textOf: (id: string) => string;
}

function printWithLists<List extends PrintableList<List>>(
  file: ChunkedFile,
  map: PrintableMap,
  { member, listOf, groupOf, textOf }: ListPlace<List>,
): void {
  const lists = new RepeatedLists<List>();
  for (const id of map.ids) {
    const list = listOf(id);
    if (list !== undefined) lists.expect(groupOf(id), list);
  }
  // After a line break this text is no string's: strings have their line breaks escaped.
  const emptyList = `\n      "${member}": []`;
  printMap(file, map, (id) => {
    const text = textOf(id);
    const list = listOf(id);
    if (list === undefined || list.length === 0) {
      file.text(text);
      return;
    }
    const listEnd = text.indexOf(emptyList) + emptyList.length - 1;
    file.text(text.slice(0, listEnd));
    const { shared, rest } = lists.print(groupOf(id), list);
    file.bytes(shared);
    file.text(`${rest}\n      ${text.slice(listEnd)}`);
  });
}

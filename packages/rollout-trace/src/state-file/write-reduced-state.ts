import type { InferenceCall } from "../model/runtime.ts";
import type { ReducedTrace } from "../model/trace.ts";
import { ChunkedFile } from "./chunked-file.ts";
import { ArrayIdList } from "./printed-list-source.ts";
import { printState } from "./print-state.ts";
import type { PrintableMap, PrintableState } from "./print-state.ts";

/**
 * Writes a state as pretty-printed JSON, byte for byte what `JSON.stringify(state, null, 2)` returns, but record by
 * record: a long trace prints to more than one string can hold. The file appears at once and whole, replaces
 * what was there, and is readable by its owner only. Throws the file system's error and leaves nothing behind.
 */
export function writeReducedState(path: string, state: ReducedTrace): void {
  ChunkedFile.write(path, (file) => {
    printState(file, printable(state));
  });
}

function printable(state: ReducedTrace): PrintableState<ArrayIdList> {
  return {
    members: Object.entries(state).map(([name, value]: [string, unknown]) =>
      isMap(value) ? printableMap(name, value) : { name, value },
    ),
    requestList: (callId) => {
      const call = state.inference_calls[callId];
      return call === undefined ? undefined : new ArrayIdList(call.request_item_ids);
    },
  };
}

interface Records {
  readonly [id: string]: object;
}

function isMap(value: unknown): value is Records {
  return typeof value === "object" && value !== null;
}

function printableMap(name: string, records: Records): PrintableMap {
  const record = (id: string): object => records[id] ?? {};
  return {
    name,
    ids: Object.keys(records),
    record:
      name === "inference_calls"
        ? (id) => ({ ...(record(id) as InferenceCall), request_item_ids: [] })
        : record,
  };
}

import { join } from "node:path";
import { PAYLOADS_DIRECTORY } from "../format/bundle.ts";
import type { PayloadKind, PayloadReference } from "../format/payload.ts";
import type { TraceFileSystem, TraceLogFile } from "./file-system.ts";
import { toPayloadText } from "./json-text.ts";
import { StorageError } from "./payload-store.ts";
import type { TraceStore } from "./payload-store.ts";

const DONE = Promise.resolve();

/** Each payload is a file of its own; everything is written when the call returns. */
export class FileStore implements TraceStore {
  readonly #bundlePath: string;
  readonly #fileSystem: TraceFileSystem;
  readonly #log: TraceLogFile;
  #lastPayload = 0;

  constructor(bundlePath: string, fileSystem: TraceFileSystem, log: TraceLogFile) {
    this.#bundlePath = bundlePath;
    this.#fileSystem = fileSystem;
    this.#log = log;
  }

  payload(kind: PayloadKind, value: unknown): PayloadReference {
    const text = toPayloadText(value);
    // The number is used up even if the write fails: no two events can ever mean different files by one id.
    const number = ++this.#lastPayload;
    const path = `${PAYLOADS_DIRECTORY}/${number}.json`;
    try {
      this.#fileSystem.writeNewFile(join(this.#bundlePath, path), text);
    } catch (cause) {
      throw new StorageError(cause);
    }
    return { raw_payload_id: `raw_payload:${number}`, kind: { type: kind }, path };
  }

  assembled(): undefined {
    return undefined;
  }

  line(text: string): void {
    try {
      this.#log.append(text);
    } catch (cause) {
      throw new StorageError(cause);
    }
  }

  settled(): Promise<void> {
    return DONE;
  }

  close(): Promise<void> {
    try {
      this.#log.close();
    } catch {
      // Every event was written with its own call; closing adds nothing that could be lost.
    }
    return DONE;
  }
}

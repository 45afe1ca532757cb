import type { ByteOperations } from "../json/bytes.ts";

export class RequestMemory {
  readonly #bytes: ByteOperations;
  readonly #isEnabled: boolean;

  constructor({
    bytes,
    isEnabled,
  }: {
    readonly bytes: ByteOperations;
    readonly isEnabled: boolean;
  }) {
    this.#bytes = bytes;
    this.#isEnabled = isEnabled;
    void this.#bytes;
    void this.#isEnabled;
  }
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { copyJson, isObject, printJson } from "./json-text.ts";
import type { Json } from "./json-text.ts";
import { isShardPath, readShard, recordPath, shardOf } from "./shards.ts";

/** One event of a log that is being changed. */
export type DraftEvent = { [member: string]: Json } & { payload: { [member: string]: Json } };

/** A bundle in memory that can be changed. A payload that nobody changed keeps its text. */
export class DraftBundle {
  manifest: { [member: string]: Json };
  events: DraftEvent[];
  readonly #texts: Map<string, string>;
  readonly #values = new Map<string, Json>();
  /** Text of the log, when it is not that of the events. */
  #log: string | undefined;

  constructor(
    manifest: { [member: string]: Json },
    events: readonly DraftEvent[],
    texts: ReadonlyMap<string, string>,
  ) {
    this.manifest = copyJson(manifest) as { [member: string]: Json };
    this.events = events.map((event) => copyJson(event) as DraftEvent);
    this.#texts = new Map(texts);
  }

  static read(folder: string): DraftBundle {
    const text = (path: string): string => readFileSync(join(folder, path), "utf8");
    const lines = text("trace.jsonl").split("\n");
    return new DraftBundle(
      JSON.parse(text("manifest.json")) as { [member: string]: Json },
      lines.filter((line) => line.trim() !== "").map((line) => JSON.parse(line) as DraftEvent),
      new Map(
        readdirSync(join(folder, "payloads")).flatMap((name): [string, string][] => {
          const path = `payloads/${name}`;
          return isShardPath(path)
            ? readShard(path, readFileSync(join(folder, path)))
            : [[path, text(path)]];
        }),
      ),
    );
  }

  copy(): DraftBundle {
    return new DraftBundle(this.manifest, this.events, this.#texts);
  }

  get schemaVersion(): number {
    return this.manifest["schema_version"] as number;
  }

  get payloadPaths(): string[] {
    return [...this.#texts.keys()].filter((path) => !isShardPath(path));
  }

  /** Schema 3: the shards that have records. */
  get shardPaths(): string[] {
    return [...new Set([...this.#texts.keys()].flatMap((path) => shardOf(path) ?? []))];
  }

  /** Where the body of a payload is, by its reference; empty when it is no reference. */
  keyOf(reference: Json | undefined): string {
    if (!isObject(reference)) return "";
    const { path, shard, raw_payload_id: id } = reference;
    if (this.#isSharded)
      return typeof shard === "number" && typeof id === "string" ? recordPath(shard, id) : "";
    return typeof path === "string" ? path : "";
  }

  get #isSharded(): boolean {
    return this.schemaVersion === 3;
  }

  /** The content of a payload, to be changed in place. `undefined` when there is none or it is not JSON. */
  payload(path: string): Json | undefined {
    const text = this.#texts.get(path);
    if (text === undefined) return undefined;
    if (!this.#values.has(path)) {
      try {
        this.#values.set(path, JSON.parse(text) as Json);
      } catch {
        return undefined;
      }
    }
    return this.#values.get(path);
  }

  setPayload(path: string, value: Json): void {
    this.#texts.set(path, "");
    this.#values.set(path, value);
  }

  /** Adds a payload and gives the reference an event names it by. */
  addPayload(kind: string, value: Json): Json {
    let number = this.#texts.size + 1;
    const pathOf = (): string =>
      this.#isSharded ? recordPath(1, `raw_payload:${number}`) : `payloads/${number}.json`;
    while (this.#texts.has(pathOf())) number += 1;
    const path = pathOf();
    this.setPayload(path, value);
    const reference = { raw_payload_id: `raw_payload:${number}`, kind: { type: kind } };
    return this.#isSharded ? { ...reference, shard: 1 } : { ...reference, path };
  }

  setText(path: string, text: string): void {
    this.#values.delete(path);
    this.#texts.set(path, text);
  }

  /** Replaces the log as text. The events do not matter any more. */
  setLog(text: string): void {
    this.#log ??= text;
  }

  text(path: string): string | undefined {
    const value = this.#values.get(path);
    return value === undefined
      ? this.#texts.get(path)
      : printJson(value, this.#isSharded ? "" : "  ");
  }

  delete(path: string): void {
    this.#values.delete(path);
    this.#texts.delete(path);
  }

  /** Numbers the events 1, 2, 3… as they stand. */
  renumber(): void {
    for (const [index, event] of this.events.entries()) event["seq"] = index + 1;
  }

  files(): { [path: string]: string } {
    const files: { [path: string]: string } = {
      "manifest.json": printJson(this.manifest),
      "trace.jsonl": this.#log ?? this.events.map((event) => `${printJson(event)}\n`).join(""),
    };
    for (const path of this.#texts.keys()) files[path] = this.text(path) ?? "";
    return files;
  }
}

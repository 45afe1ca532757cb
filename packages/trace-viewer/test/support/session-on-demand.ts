import type { BundleSource } from "@codex-ts/rollout-trace";
import { seededRandom } from "@codex-ts/test-support";
import { assistantMessage, runFiles, userMessage } from "./run.ts";

const TOOLS_CHARACTERS = 20_000;
const ITEM_CHARACTERS = 900;

/** A bundle, and how many bytes of payloads have been read from it. */
export interface CountedSource extends BundleSource {
  readonly payloadBytes: number;
}

/**
 * A session of so many requests whose payloads are made when they are read, into one buffer: 1000 requests have 900 MB of
 * them, which no disk and no memory has to hold. The texts do not repeat, as those of a real session.
 */
export function sessionOnDemand(requests: number): CountedSource {
  const random = seededRandom(2);
  const text = (length: number): string => {
    let words = "";
    while (words.length < length) words += `${random().toString(36).slice(2, 9)} `;
    return words;
  };
  // Only the log of a run of that length, without its texts.
  const log = runFiles(
    Array.from({ length: requests }, () => ({ input: [], output: [] })),
    { schema: 2 },
  );
  const tools = [{ type: "function", name: "search", description: text(TOOLS_CHARACTERS) }];
  const head = `{"model":"gpt-test","instructions":"Do it.","tools":${JSON.stringify(tools)},"input":[`;
  const answers: string[] = [];
  const ends: number[] = [];
  let history = head;
  for (let request = 0; request < requests; request += 1) {
    const question = JSON.stringify(userMessage(text(ITEM_CHARACTERS)));
    const answer = JSON.stringify(assistantMessage(text(ITEM_CHARACTERS)));
    history += request === 0 ? question : `,${question}`;
    ends.push(history.length);
    history += `,${answer}`;
    answers.push(answer);
  }
  const bytes = Buffer.from(history);
  const buffer = Buffer.alloc(bytes.length + 2);
  let payloadBytes = 0;
  // Of each request first what it sent, then what came back.
  const readPayload = (path: string): Uint8Array => {
    const number = Number(/\d+/.exec(path)?.[0]) - 1;
    const request = Math.floor(number / 2);
    const isRequest = number % 2 === 0;
    const response = `{"response_id":"resp_${request + 1}","upstream_request_id":"req_${request + 1}","output_items":[${answers[request]}]}`;
    const end = ends[request] ?? 0;
    const length = isRequest
      ? bytes.copy(buffer, 0, 0, end) + buffer.write("]}", end)
      : buffer.write(response);
    payloadBytes += length;
    return buffer.subarray(0, length);
  };
  const encoder = new TextEncoder();
  return {
    readManifest: () => encoder.encode(log["manifest.json"]),
    events: () => [encoder.encode(log["trace.jsonl"])],
    readPayload,
    readShard: () => {
      throw new Error("schema 2 has no shards");
    },
    get payloadBytes() {
      return payloadBytes;
    },
  };
}

import { seededRandom } from "@codex-ts/test-support";
import { completedEvent, delta, sse } from "./decode.ts";

const item = {
  type: "message",
  id: "m",
  role: "assistant",
  content: [{ type: "output_text", text: "t" }],
};

/** One of every kind of event, well formed. */
const wellFormed: readonly Buffer[] = [
  { type: "response.created", response: { id: "r", headers: { "OpenAI-Model": ["m"] } } },
  { type: "response.output_item.added", item },
  { type: "response.output_item.done", item },
  delta("plain"),
  delta("Ünïcödé 🥊"),
  { type: "response.custom_tool_call_input.delta", item_id: "i", call_id: "c", delta: "d" },
  { type: "response.reasoning_summary_text.delta", delta: "d", summary_index: 0 },
  { type: "response.reasoning_text.delta", delta: "d", content_index: 0 },
  { type: "response.reasoning_summary_part.added", summary_index: 0 },
  {
    type: "response.metadata",
    headers: { "x-codex-turn-state": "t" },
    metadata: {
      openai_verification_recommendation: ["trusted_access_for_cyber"],
      openai_chatgpt_moderation_metadata: {},
    },
  },
  {
    type: "response.failed",
    response: { error: { code: "rate_limit_exceeded", message: "try again in 1s" } },
  },
  { type: "response.incomplete", response: { incomplete_details: { reason: "content_filter" } } },
  {
    ...completedEvent,
    response: { id: "r", usage: { input_tokens: 1, output_tokens: 1, total_tokens: 2 } },
  },
].map((event) => Buffer.from(sse(event)));

const noise = [
  "\n",
  "\r\n",
  "\r",
  "data:",
  ": c\n",
  "\uFEFF",
  "{",
  "}",
  "null",
  "[[[",
  "\0",
  "é",
].map((text) => Buffer.from(text));

/** An endless source of event streams that went wrong somewhere, the same for the same seed. */
export function* mutatedStreams(seed: number): Generator<Buffer> {
  const random = seededRandom(seed);
  const below = (limit: number): number => Math.floor(random() * limit);
  const pick = <T>(list: readonly T[]): T => list[below(list.length)] as T;
  for (;;) {
    const parts: Buffer[] = [];
    for (let count = 1 + below(12); count > 0; count -= 1) {
      const part = Buffer.from(pick(wellFormed));
      if (random() < 0.4) damage(part, below);
      parts.push(random() < 0.1 ? part.subarray(0, below(part.length)) : part);
      if (random() < 0.2) parts.push(pick(noise));
    }
    yield Buffer.concat(parts);
  }
}

/** Changes a few bytes: mostly to ASCII, so that streams survive long enough to be decoded. */
function damage(bytes: Buffer, below: (limit: number) => number): void {
  for (let count = 1 + below(3); count > 0; count -= 1) {
    bytes[below(bytes.length)] = below(20) === 0 ? below(256) : 32 + below(95);
  }
}

import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { ResponsesClient } from "@codex-ts/api";
import type { ResponsesRequest } from "@codex-ts/protocol";
import { createParser } from "eventsource-parser";
import OpenAI from "openai";
import { Agent, request as undiciRequest } from "undici";

/**
 * CPU time of receiving 20,000 text deltas over the loopback: this package against (a) undici, eventsource-parser and
 * JSON.parse with nothing around them, and (b) the official client. The ways take turns; the median round counts. The
 * last line is one JSON object.
 */
const DELTA_COUNT = 20_000;
const ROUNDS = 15;

const body: ResponsesRequest = {
  model: "gpt-bench",
  input: [],
  tools: [],
  tool_choice: "auto",
  parallel_tool_calls: true,
  reasoning: null,
  store: false,
  stream: true,
  include: [],
};

/** One way to receive the response; gives the number of deltas seen. */
type Way = () => Promise<number>;

function ownWay(baseUrl: string): Way {
  const client = new ResponsesClient({
    provider: {
      name: "bench",
      baseUrl,
      retry: {
        maxRetries: 0,
        baseDelayMs: 200,
        retry429: false,
        retry5xx: false,
        retryTransport: false,
      },
      streamIdleTimeoutMs: 300_000,
    },
    auth: { addAuthHeaders() {} },
  });
  return async () => {
    let deltas = 0;
    for await (const event of await client.stream(body)) {
      if (event.type === "outputTextDelta") deltas += 1;
    }
    return deltas;
  };
}

function bareWay(baseUrl: string): Way {
  const dispatcher = new Agent();
  return async () => {
    let deltas = 0;
    const parser = createParser({
      onEvent: (message) => {
        const event = JSON.parse(message.data) as { type: string };
        if (event.type === "response.output_text.delta") deltas += 1;
      },
    });
    const answer = await undiciRequest(`${baseUrl}/responses`, {
      method: "POST",
      dispatcher,
      headers: { "content-type": "application/json" },
      body: JSON.stringify(body),
    });
    const decoder = new TextDecoder();
    for await (const chunk of answer.body) {
      parser.feed(decoder.decode(chunk as Uint8Array, { stream: true }));
    }
    return deltas;
  };
}

function officialWay(baseUrl: string): Way {
  const client = new OpenAI({ apiKey: "sk-bench", baseURL: baseUrl, maxRetries: 0 });
  return async () => {
    let deltas = 0;
    const stream = await client.responses.create({ model: "gpt-bench", input: "", stream: true });
    for await (const event of stream) {
      if (event.type === "response.output_text.delta") deltas += 1;
    }
    return deltas;
  };
}

async function cpuMs(way: Way): Promise<number> {
  const before = process.cpuUsage();
  const deltas = await way();
  const { user, system } = process.cpuUsage(before);
  if (deltas !== DELTA_COUNT) throw new Error(`saw ${deltas} of ${DELTA_COUNT} deltas`);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

async function measure(baseUrl: string): Promise<Record<"own" | "bare" | "official", number>> {
  const ways = {
    bare: bareWay(baseUrl),
    own: ownWay(baseUrl),
    official: officialWay(baseUrl),
  };
  const times: Record<keyof typeof ways, number[]> = { bare: [], own: [], official: [] };
  const warmUps = 4;
  for (let round = -warmUps; round < ROUNDS; round += 1) {
    for (const name of Object.keys(ways) as (keyof typeof ways)[]) {
      const ms = await cpuMs(ways[name]);
      if (round >= 0) times[name].push(ms);
    }
  }
  return { own: median(times.own), bare: median(times.bare), official: median(times.official) };
}

function round2(value: number): number {
  return Math.round(value * 100) / 100;
}

const server = spawn(
  process.execPath,
  [fileURLToPath(new URL("delta-server.ts", import.meta.url)), String(DELTA_COUNT)],
  { stdio: ["ignore", "pipe", "inherit"] },
);
try {
  const [port] = (await once(server.stdout, "data")) as [Buffer];
  const { own, bare, official } = await measure(`http://127.0.0.1:${port.toString().trim()}/v1`);
  process.stdout.write(
    `CPU time of ${DELTA_COUNT} deltas, median of ${ROUNDS} rounds: own ${own.toFixed(1)} ms, ` +
      `bare ${bare.toFixed(1)} ms, official client ${official.toFixed(1)} ms\n`,
  );
  process.stdout.write(
    `${JSON.stringify({
      bench: "stream",
      deltas: DELTA_COUNT,
      ownMs: round2(own),
      bareMs: round2(bare),
      officialMs: round2(official),
      ownToBare: round2(own / bare),
      officialToOwn: round2(official / own),
    })}\n`,
  );
} finally {
  server.kill();
}
// The pools of the three ways would keep the process for a while.
process.exit();

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ResponsesClient } from "@codex-ts/api";
import type { TransportObserver } from "@codex-ts/api";
import type { ResponsesRequest } from "@codex-ts/protocol";
import { ThreadTrace } from "@codex-ts/rollout-trace/recorder";

/**
 * CPU time of receiving 20,000 text deltas with the wire log and without it. The two take turns, one pair per round, and
 * the median of the rounds' quotients counts: a machine that is busy slows both of a pair. The last line is one JSON
 * object. It fails when the log costs more than it may.
 */
const DELTA_COUNT = 20_000;
const ROUNDS = Number(process.env["BENCH_ROUNDS"] ?? 61);
const WARM_UPS = 6;
const MOST = 1.02;

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

type CpuUsage = typeof process.cpuUsage;

/** Of this thread alone, where Node knows it: those that collect garbage and compile are noise. */
const cpuUsage: CpuUsage =
  (process as { readonly threadCpuUsage?: CpuUsage }).threadCpuUsage?.bind(process) ??
  process.cpuUsage.bind(process);

async function receive(
  client: ResponsesClient,
  observer: TransportObserver | undefined,
): Promise<number> {
  const before = cpuUsage();
  let deltas = 0;
  for await (const event of await client.stream(body, { observer })) {
    if (event.type === "outputTextDelta") deltas += 1;
  }
  const { user, system } = cpuUsage(before);
  if (deltas !== DELTA_COUNT) throw new Error(`saw ${deltas} of ${DELTA_COUNT} deltas`);
  return (user + system) / 1000;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function clientAt(baseUrl: string): ResponsesClient {
  return new ResponsesClient({
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
}

const server = spawn(
  process.execPath,
  [fileURLToPath(new URL("../../api/bench/delta-server.ts", import.meta.url)), String(DELTA_COUNT)],
  { stdio: ["ignore", "pipe", "inherit"] },
);
const root = await mkdtemp(join(tmpdir(), "bench-wire-"));
const trace = ThreadTrace.startRoot({
  root,
  metadata: {
    threadId: "01900000-0000-7000-8000-000000000001",
    agentPath: "/root",
    sessionSource: "exec",
    cwd: root,
    model: "gpt-bench",
    providerName: "bench",
    approvalPolicy: "never",
    sandboxPolicy: "ReadOnly",
  },
});
try {
  const [port] = (await once(server.stdout, "data")) as [Buffer];
  const client = clientAt(`http://127.0.0.1:${port.toString().trim()}/v1`);
  const observed = (): TransportObserver | undefined => trace.wire.observerOf({ turnId: "turn" });
  const pairs: { readonly without: number; readonly with: number }[] = [];
  for (let round = -WARM_UPS; round < ROUNDS; round += 1) {
    // Who comes first changes, because the second finds a warmer machine.
    const isFirst = round % 2 === 0;
    const first = await receive(client, isFirst ? observed() : undefined);
    const second = await receive(client, isFirst ? undefined : observed());
    if (round < 0) continue;
    pairs.push(isFirst ? { with: first, without: second } : { with: second, without: first });
  }
  const quotient = median(pairs.map((pair) => pair.with / pair.without));
  const withMs = median(pairs.map((pair) => pair.with));
  const withoutMs = median(pairs.map((pair) => pair.without));
  process.stdout.write(
    `CPU time of ${DELTA_COUNT} deltas, ${ROUNDS} pairs: with the wire log ${withMs.toFixed(1)} ms, ` +
      `without ${withoutMs.toFixed(1)} ms, median of the quotients ${quotient.toFixed(3)} (at most ${MOST})\n`,
  );
  process.stdout.write(
    `${JSON.stringify({ bench: "wire-log", deltas: DELTA_COUNT, withMs, withoutMs, quotient })}\n`,
  );
  process.exitCode = quotient > MOST ? 1 : 0;
} finally {
  server.kill();
  await trace.close();
  await rm(root, { recursive: true });
}
// The pool of the client would keep the process for a while.
process.exit();

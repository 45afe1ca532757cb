import { memoryBundle } from "@codex-ts/rollout-trace";
import type { BundleSource } from "@codex-ts/rollout-trace";
import { assistantMessage, runBundle, runFiles, userMessage } from "./run.ts";
import type { RunRequest } from "./run.ts";
import { TIMES, wireLines } from "./wire.ts";

const call = (id: string, cmd: string): object => ({
  type: "function_call",
  name: "exec_command",
  arguments: JSON.stringify({ cmd }),
  call_id: id,
});
const output = (id: string, text: string): object => ({
  type: "function_call_output",
  call_id: id,
  output: text,
});

const INPUT = [
  userMessage("Find the needle."),
  call("call_1", "grep -rn needle ."),
  output("call_1", `${"hay\n".repeat(400)}src/barn.ts:12: the needle is here\n`),
];

/** A run in which something of everything happened. */
const EVENTFUL: readonly RunRequest[] = [
  { input: INPUT.slice(0, 1), output: INPUT.slice(1, 2), usage: { input: 5000, cached: 0 } },
  {
    input: INPUT,
    output: [assistantMessage("It is in the barn.")],
    usage: { input: 6000, cached: 4992 },
  },
  {
    input: [...INPUT, assistantMessage("It is in the barn.")],
    members: { instructions: "Do it well." },
    output: [],
    usage: { input: 6100, cached: 0 },
  },
  {
    input: INPUT.slice(0, 2),
    failure: "stream closed before response.completed",
    upstreamId: "req_bad",
  },
  { input: INPUT, isRunning: true, upstreamId: null },
];

export function eventfulRun(): BundleSource {
  return runBundle(EVENTFUL, { isWhole: false });
}

const WORKED =
  "Please look at the search page of the shop and find out why its first result is missing.";
const UNRELATED =
  "The build server rejected yesterday's upload: two of our certificates had expired.";

/** Facts of a turn as Codex sends them with each request. */
function metadataOf(request: number): object {
  return {
    "x-codex-installation-id": "0192a3b4-0000-7000-8000-000000000000",
    turn_id: `turn-${request}`,
    "x-codex-turn-metadata": JSON.stringify({
      session_id: "0192a3b4-1111-7000-8000-000000000000",
      workspaces: Object.fromEntries(
        [1, 2, 3].map((each) => [`/work/${each}`, { has_changes: true }]),
      ),
      turn: request,
    }),
  };
}

/** Seven requests with large numbers and long names; the last one has another first message than the others. */
export function largeNumbersRun(): BundleSource {
  const requests = [1, 2, 3, 4, 5, 6, 7].map((number): RunRequest => {
    const text = number === 7 ? UNRELATED : WORKED.replace("missing", `missing ${number} times`);
    return {
      input: [userMessage(text)],
      members: { client_metadata: metadataOf(number) },
      output: [assistantMessage("Found.")],
      usage: { input: 1_234_567 * number, cached: 1_200_000 * number },
    };
  });
  const files = Object.entries(runFiles(requests, { schema: 2 })).map(([name, text]) => [
    name,
    text
      .replaceAll("gpt-test", "gpt-5.1-codex-max")
      .replaceAll('"output_tokens":10', '"output_tokens":123456'),
  ]);
  const wire = wireLines(
    requests.map((_, index) => ({
      id: `try-${index}`,
      request: index + 1,
      responded: { status: 200 },
      ended: { status: 200, t: { ...TIMES, first_event: 11_345_000 * index, ended: 99_000_000 } },
    })),
  );
  return memoryBundle({ ...Object.fromEntries(files), "wire.jsonl": wire });
}

/** A request that its user cancelled, with what had arrived by then. */
export function cancelledRun(): BundleSource {
  return runBundle([
    {
      input: INPUT.slice(0, 1),
      cancelled: "interrupted by the user",
      partial: [assistantMessage("I begin with the")],
    },
    { input: INPUT.slice(0, 1), failure: "reset" },
  ]);
}

/** A recording of schema 3 whose limits kept no payload at all. */
export function droppedRun(): BundleSource {
  const { "manifest.json": manifest = "", "trace.jsonl": log = "" } = runFiles(
    [{ input: INPUT.slice(0, 1) }],
    { schema: 3 },
  );
  const omitted = '"shard":null,"capture":{"status":"omitted","original_bytes":9}';
  const prompt = `{"raw_payload_id":"raw_payload:99","kind":{"type":"prepared_prompt"},${omitted}}`;
  return memoryBundle({
    "manifest.json": manifest,
    "trace.jsonl": log
      .replaceAll(/"path":"payloads\/\d+\.json"/g, omitted)
      .replaceAll('"request_payload":', `"prepared_prompt_payload":${prompt},"request_payload":`),
  });
}

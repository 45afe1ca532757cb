import { execFileSync } from "node:child_process";
import { cp, mkdir, readFile, readdir, rm, truncate, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  completed,
  created,
  functionCallExchange,
  gate,
  message,
  messageExchange,
} from "@codex-ts/responses-server";
import { type TemporaryDirectory, temporaryDirectory, waitFor } from "@codex-ts/test-support";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { Interruption } from "../../src/cli-process.ts";
import { mockHome } from "../support/home.ts";
import { runInProcess } from "../support/run-cli.ts";

const EXEC = ["exec", "--dangerously-bypass-approvals-and-sandbox"];

// A busy machine takes its time.
vi.setConfig({ testTimeout: 60_000 });

let recorded: TemporaryDirectory;
/** A run with a tool call, a stream that breaks after one item, and an answer with terminal controls in it. */
let bundle: string;

beforeAll(async () => {
  recorded = await temporaryDirectory();
  await using home = await mockHome([
    functionCallExchange(
      { name: "exec_command", args: { cmd: "echo from the tool" }, callId: "call_1" },
      { responseId: "resp_1", requestId: "req_1" },
    ),
    { events: [created("resp_2"), message("Only a part.")], requestId: "req_2" },
    { events: [created("resp_3"), message("All\u001b[2J done."), completed()], requestId: "req_3" },
  ]);
  const flags = ["-c", "model_providers.mock.stream_max_retries=1", "--trace", recorded.path];
  const { exitCode, stderr } = await runInProcess([...EXEC, ...flags, "do it"], home.run);
  if (exitCode !== 0) throw new Error(`the run to be read failed: ${stderr}`);
  const [name = ""] = await readdir(recorded.path);
  bundle = join(recorded.path, name);
}, 60_000);

afterAll(async () => {
  await recorded[Symbol.asyncDispose]();
});

/** A copy of the recorded bundle, so that a test may damage it or write into it. */
async function bundleCopy(directory: string): Promise<string> {
  const copy = join(directory, "bundle");
  await cp(bundle, copy, { recursive: true });
  return copy;
}

async function readJson(file: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(file, "utf8")) as Record<string, unknown>;
}

describe("codex-ts trace reduce", () => {
  test("[cli/trace-reduce] writes state.json into the bundle, prints its path, and keeps both ids apart", async () => {
    await using directory = await temporaryDirectory();
    const copy = await bundleCopy(directory.path);
    const result = await runInProcess(["trace", "reduce", "bundle"], { cwd: directory.path });
    const file = join(copy, "state.json");
    const stderr = expect.stringMatching(/^trace schema \d\n$/) as string;
    expect(result).toEqual({ exitCode: 0, stdout: `${file}\n`, stderr });
    const state = await readJson(file);
    const calls = Object.values(state["inference_calls"] as Record<string, unknown>);
    expect(calls).toHaveLength(3);
    expect(calls).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ response_id: "resp_1", upstream_request_id: "req_1" }),
        expect.objectContaining({ response_id: null, upstream_request_id: "req_2" }),
        expect.objectContaining({ response_id: "resp_3", upstream_request_id: "req_3" }),
      ]),
    );
  });

  test("writes where --output says, relative to the working directory", async () => {
    await using directory = await temporaryDirectory();
    const args = ["trace", "reduce", bundle, "--output", "out.json", "--strict"];
    const result = await runInProcess(args, { cwd: directory.path });
    expect(result.stdout).toBe(`${join(directory.path, "out.json")}\n`);
    expect(await readJson(join(directory.path, "out.json"))).toMatchObject({ status: "completed" });
    expect(await readdir(bundle)).not.toContain("state.json");
  });

  test("[cli/trace-tolerant] a torn log is reduced with a warning that says where", async () => {
    await using directory = await temporaryDirectory();
    const copy = await bundleCopy(directory.path);
    await cutLastLine(join(copy, "trace.jsonl"));
    const result = await runInProcess(["trace", "reduce", copy], { cwd: directory.path });
    expect(result.exitCode).toBe(0);
    expect(result.stderr).toMatch(/^trace schema \d\nwarning: line \d+: [^\n]+\n$/);
    expect(await readdir(copy)).toContain("state.json");
  });

  test.each([
    ["trace reduce --strict", ["trace", "reduce", "--strict"]],
    ["debug trace-reduce", ["debug", "trace-reduce"]],
  ])("[cli/trace-strict] %s refuses it: exit code 1 and no state", async (_what, command) => {
    await using directory = await temporaryDirectory();
    const copy = await bundleCopy(directory.path);
    await cutLastLine(join(copy, "trace.jsonl"));
    const result = await runInProcess([...command, copy], { cwd: directory.path });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: [^\n]*line \d+[^\n]*\n$/);
    expect(await readdir(copy)).not.toContain("state.json");
  });

  test("[cli/debug-trace-reduce] debug trace-reduce prints the path it wrote to, with -o too", async () => {
    await using directory = await temporaryDirectory();
    const args = ["debug", "trace-reduce", bundle, "-o", "out.json"];
    const result = await runInProcess(args, { cwd: directory.path });
    const file = join(directory.path, "out.json");
    expect(result).toEqual({ exitCode: 0, stdout: `${file}\n`, stderr: "" });
    expect(await readJson(file)).toMatchObject({ status: "completed" });
  });

  test.each(["trace reduce", "trace show", "trace tail", "debug trace-reduce"])(
    "[cli/missing-bundle] %s: a bundle that is not there, or is none, is one line and exit code 1",
    async (command) => {
      await using directory = await temporaryDirectory();
      await mkdir(join(directory.path, "empty"));
      await writeFile(join(directory.path, "file"), "");
      for (const path of ["absent", "empty", "file"]) {
        const result = await runInProcess([...command.split(" "), path], { cwd: directory.path });
        expect(result).toMatchObject({ exitCode: 1, stdout: "" });
        expect(result.stderr).toMatch(/^error: [^\n]+\n$/);
      }
    },
  );

  test.each(["trace reduce", "trace show", "trace tail", "debug trace-reduce"])(
    "[cli/unknown-schema] %s: a bundle of a schema from the future is one line that says so",
    async (command) => {
      await using directory = await temporaryDirectory();
      const copy = await bundleCopy(directory.path);
      for (const file of ["manifest.json", "trace.jsonl"]) {
        const text = await readFile(join(copy, file), "utf8");
        const changed = text.replaceAll(/"schema_version":( ?)\d/g, '"schema_version":$19');
        await writeFile(join(copy, file), changed);
      }
      const result = await runInProcess([...command.split(" "), copy], { cwd: "/" });
      expect(result).toMatchObject({ exitCode: 1, stdout: "" });
      expect(result.stderr).toMatch(/^error: [^\n]*trace schema 9 [^\n]*\n$/);
    },
  );

  test("a result that cannot be written is one line", async () => {
    await using directory = await temporaryDirectory();
    const args = ["trace", "reduce", bundle, "-o", join(directory.path, "absent", "out.json")];
    const result = await runInProcess(args, { cwd: directory.path });
    expect(result).toMatchObject({ exitCode: 1, stdout: "" });
    expect(result.stderr).toMatch(/^error: [^\n]+\n$/);
  });
});

describe("codex-ts trace show", () => {
  test("a recording that stopped early says so", async () => {
    await using directory = await temporaryDirectory();
    const copy = await bundleCopy(directory.path);
    const whole = await runInProcess(["trace", "show", copy], { cwd: "/" });
    expect(whole.stdout).not.toContain("in part");
    await cutLastLine(join(copy, "trace.jsonl"));
    const cut = await runInProcess(["trace", "show", copy], { cwd: "/" });
    expect(cut.stdout).toMatch(/^recorded in part: /m);
  });

  test("[cli/trace-show] prints the transcript and both tables, also of what was not kept", async () => {
    const { exitCode, stdout, stderr } = await runInProcess(["trace", "show", bundle], {
      cwd: "/",
    });
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" });
    expect(stdout).toContain("\nuser\n  do it\n");
    expect(stdout).toMatch(/\ncall exec_command call_1\n {2}.*echo from the tool/);
    expect(stdout).toMatch(/\noutput call_1\n(?: {2}.*\n)* {2}from the tool\n/);
    expect(stdout).toContain("\nassistant\n  Only a part.\n");
    expect(stdout).toContain("\nassistant\n  All done.\n");
    expect(stdout).toMatch(/^1 +gpt-mock +completed +resp_1 +req_1 .*exec_command$/m);
    expect(stdout).toMatch(/^2 +gpt-mock +failed +resp_2 +req_2 /m);
    expect(stdout).toMatch(/^3 +gpt-mock +completed +resp_3 +req_3 /m);
    expect(stdout).toMatch(/^call_1 +exec_command +completed +0 /m);
    expect(stdout).not.toMatch(/[^\P{Cc}\n]/u);
  });

  test("shortens long items and says by how much, --full does not", async () => {
    await using directory = await temporaryDirectory();
    await using home = await mockHome([messageExchange("Fine.")]);
    const prompt = Array.from({ length: 50 }, (_, index) => `line ${index}`).join("\n");
    await runInProcess([...EXEC, "--trace", directory.path, prompt], home.run);
    const [name = ""] = await readdir(directory.path);
    const short = await runInProcess(["trace", "show", name], { cwd: directory.path });
    const full = await runInProcess(["trace", "show", name, "--full"], { cwd: directory.path });
    expect(short.stdout).toContain("… 30 more lines");
    expect(short.stdout).not.toContain("line 49");
    expect(full.stdout).toContain("line 49");
  });
});

describe("codex-ts trace tail", () => {
  test("[cli/trace-tail] prints one line per event, with both ids, and ends with the recording", async () => {
    const { exitCode, stdout, stderr } = await runInProcess(["trace", "tail", bundle], {
      cwd: "/",
    });
    expect(exitCode).toBe(0);
    expect(stderr).toMatch(/^trace schema \d\n$/);
    const lines = stdout.trim().split("\n");
    const log = await readFile(join(bundle, "trace.jsonl"), "utf8");
    expect(lines).toHaveLength(log.trim().split("\n").length);
    expect(lines[0]).toContain("0.000  rollout_started | trace_id ");
    expect(stdout).toMatch(
      /inference_completed \| inference_call_id \S+ \| response_id resp_1 \| upstream_request_id req_1$/m,
    );
    expect(stdout).toMatch(/inference_failed \| .*upstream_request_id req_2 \| error /);
    expect(lines.at(-1)).toMatch(/recording_completed$/);
  });

  test("[cli/trace-tail-live] follows a run that is going on to its end", async () => {
    await using directory = await temporaryDirectory();
    await using home = await mockHome([
      { events: [created("resp_1"), gate("go"), message("Done."), completed()] },
    ]);
    const run = runInProcess([...EXEC, "--trace", directory.path, "hi"], home.run);
    await home.server.waitForGate("go");
    const [name = ""] = await readdir(directory.path);
    let seen = "";
    const stdout = { write: (text: string) => (seen += text) };
    const tail = runInProcess(["trace", "tail", name], { cwd: directory.path }, { stdout });
    await waitFor(() => seen.includes("inference_started"), { what: "the request" });
    expect(seen).not.toContain("inference_completed");
    home.server.release("go");
    const stderr = expect.stringMatching(/^trace schema \d\n$/) as string;
    expect(await tail).toMatchObject({ exitCode: 0, stderr });
    expect(seen).toContain("response_id resp_1");
    expect((await run).exitCode).toBe(0);
  });

  test("following a run that was killed ends when it is told to stop", async () => {
    await using directory = await temporaryDirectory();
    const copy = await bundleCopy(directory.path);
    await cutLastLine(join(copy, "trace.jsonl"));
    const controller = new AbortController();
    let seen = "";
    const tail = runInProcess(
      ["trace", "tail", copy],
      { cwd: "/" },
      {
        stdout: { write: (text) => (seen += text) },
        interrupted: controller.signal,
      },
    );
    await waitFor(() => seen.includes("rollout_ended"), { what: "the end of the log" });
    controller.abort(new Interruption("SIGINT", 130));
    const stderr = expect.stringMatching(/^trace schema \d\n$/) as string;
    expect(await tail).toEqual({ exitCode: 130, stdout: "", stderr });
  });
});

describe("codex-ts trace ledger", () => {
  test("[cli/trace-ledger] counts what is known and says what is not", async () => {
    const { exitCode, stdout } = await runInProcess(["trace", "ledger", bundle], {
      cwd: recorded.path,
    });
    expect(exitCode).toBe(0);
    // The stream that broke said nothing about its tokens.
    expect(stdout).toMatch(/^2 +\S+ +failed +- +- +- +- +- +- /m);
    expect(stdout).toMatch(/^3 requests: at least \d+ tokens in \(\d+ cached\), \d+ out$/m);
    expect(stdout).toContain("1 request without counters");
    expect(stdout).toMatch(/ reasoning +tokens +tries +first event +total time$/m);
    expect(stdout).toMatch(/^sent in 3 tries$/m);
    // Tries and both times of each request are those of `trace show`.
    const shown = (await runInProcess(["trace", "show", bundle], { cwd: recorded.path })).stdout;
    const times = (text: string, form: RegExp): readonly (readonly string[])[] =>
      [...text.matchAll(form)].map(([, ...cells]) => cells);
    const time = String.raw`(-|[\d.]+ m?s)`;
    const inLedger = times(stdout, new RegExp(`^(\\d+) .* (\\d+) +${time} +${time}$`, "gm"));
    expect(inLedger).toHaveLength(3);
    expect(
      times(
        shown,
        new RegExp(`^(\\d+) .*? (\\d+) +${time} +\\S+ +\\S+(?: !)? +${time} +\\S`, "gm"),
      ),
    ).toEqual(inLedger);
    expect(stdout).toMatch(/^first event after \S+.* \(p50\), \S+.* \(p95\), \S+.* at most$/m);
  });

  test("[cli/trace-ledger] without a wire log what only that knows has no column", async () => {
    await using directory = await temporaryDirectory();
    const copy = await bundleCopy(directory.path);
    await rm(join(copy, "wire.jsonl"));
    const run = { cwd: directory.path };
    const { stdout } = await runInProcess(["trace", "ledger", copy], run);
    expect(stdout).not.toMatch(/tries|first event/);
    const csv = await runInProcess(["trace", "ledger", copy, "--csv"], run);
    expect(csv.stdout.split("\r\n")[1]).toMatch(/,,,,$/);
    const json = await runInProcess(["trace", "ledger", copy, "--json"], run);
    const { total } = JSON.parse(json.stdout) as { readonly total: object };
    expect(total).not.toHaveProperty("warmUps");
  });

  test("[cli/trace-ledger] its sum is what exec said at the end", async () => {
    await using home = await mockHome([
      functionCallExchange(
        { name: "exec_command", args: { cmd: "true" }, callId: "call_1" },
        { usage: { input_tokens: 1200, output_tokens: 34, total_tokens: 1234 } },
      ),
      messageExchange("Done.", {
        usage: {
          input_tokens: 1300,
          cached_input_tokens: 1200,
          output_tokens: 56,
          total_tokens: 1356,
        },
      }),
    ]);
    await using directory = await temporaryDirectory();
    const run = await runInProcess([...EXEC, "--json", "--trace", directory.path, "go"], home.run);
    const last = JSON.parse(run.stdout.trim().split("\n").at(-1) ?? "") as { usage: object };
    expect(last.usage).toMatchObject({ input_tokens: 2500, cached_input_tokens: 1200 });
    const [name = ""] = await readdir(directory.path);
    const args = ["trace", "ledger", name, "--json"];
    const result = await runInProcess(args, { cwd: directory.path });
    expect(JSON.parse(result.stdout)).toMatchObject({
      total: { requests: 2, tokens: { input: 2500, cachedInput: 1200, output: 90, total: 2590 } },
    });
  });

  test("[cli/trace-ledger] --prices adds what it cost; a spreadsheet gets one line per request", async () => {
    await using directory = await temporaryDirectory();
    const prices = join(directory.path, "prices.json");
    const models = { "gpt-": { input: 1, output: 10 } };
    await writeFile(prices, JSON.stringify({ currency: "USD", per: 1_000_000, models }));
    const args = ["trace", "ledger", bundle, "--prices", "prices.json"];
    const csv = await runInProcess([...args, "--csv"], { cwd: directory.path });
    const [head, first, second] = csv.stdout.split("\r\n");
    expect(head).toContain("response_id,upstream_request_id,input_tokens");
    expect(head).toMatch(/,cost,currency,attempts,first_event_ms$/);
    expect(first).toMatch(/,resp_1,req_1,\d+,.*,0\.\d{6},USD,1,\d+$/);
    expect(second).toMatch(/,failed,,req_2,,,,,,,\d+,,,1,\d+$/);
    const text = await runInProcess(args, { cwd: directory.path });
    expect(text.stdout).toMatch(/^cost: >=0\.\d{6} USD$/m);
  });

  test("[cli/trace-ledger] a request of another service tier has its price, as in the page", async () => {
    await using directory = await temporaryDirectory();
    const event = (seq: number, type: string, members: object): string =>
      `${JSON.stringify({
        schema_version: 1,
        seq,
        wall_time_unix_ms: seq,
        rollout_id: "r",
        thread_id: "t",
        codex_turn_id: "u",
        payload: { type, ...members },
      })}\n`;
    const payload = (number: number, type: string): object => ({
      raw_payload_id: `raw_payload:${number}`,
      kind: { type },
      path: `payloads/${number}.json`,
    });
    const call = { inference_call_id: "c", upstream_request_id: null };
    const usage = {
      input_tokens: 1000,
      cached_input_tokens: 0,
      output_tokens: 0,
      total_tokens: 1000,
    };
    const files = {
      "manifest.json": JSON.stringify({
        schema_version: 1,
        trace_id: "x",
        rollout_id: "r",
        root_thread_id: "t",
        started_at_unix_ms: 0,
        raw_event_log: "trace.jsonl",
        payloads_dir: "payloads",
      }),
      "payloads/1.json": JSON.stringify({ model: "m", service_tier: "flex", input: [] }),
      "payloads/2.json": JSON.stringify({
        response_id: "resp",
        token_usage: { ...usage, reasoning_output_tokens: 0 },
        output_items: [],
      }),
      "trace.jsonl": [
        event(1, "rollout_started", { trace_id: "x", root_thread_id: "t" }),
        event(2, "thread_started", { thread_id: "t", agent_path: "/root", metadata_payload: null }),
        event(3, "codex_turn_started", { codex_turn_id: "u", thread_id: "t" }),
        event(4, "inference_started", {
          ...call,
          thread_id: "t",
          codex_turn_id: "u",
          model: "m",
          provider_name: "p",
          request_payload: payload(1, "inference_request"),
        }),
        event(5, "inference_completed", {
          ...call,
          response_id: "resp",
          response_payload: payload(2, "inference_response"),
        }),
      ].join(""),
      "prices.json": JSON.stringify({
        currency: "USD",
        per: 1000,
        models: { m: { input: 3, output: 1, tiers: { flex: 0.5 } } },
      }),
    };
    await mkdir(join(directory.path, "payloads"));
    for (const [name, text] of Object.entries(files))
      await writeFile(join(directory.path, name), text);
    const args = ["trace", "ledger", directory.path, "--json", "--prices", "prices.json"];
    const { stdout } = await runInProcess(args, { cwd: directory.path });
    expect(JSON.parse(stdout)).toMatchObject({ total: { costNano: 1_500_000_000 } });
  });

  test.each([
    ["{", "it is no JSON"],
    ["[]", "a price list is a JSON object"],
    ['{"currency":"USD","per":1,"models":{"m":{"input":"secret"}}}', "`models.m.input` must be"],
  ])("a price list %j that cannot be used is one clear line", async (text, problem) => {
    await using directory = await temporaryDirectory();
    const file = join(directory.path, "prices.json");
    await writeFile(file, text);
    const args = ["trace", "ledger", bundle, "--prices", file];
    const result = await runInProcess(args, { cwd: directory.path });
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toContain(`${file}: ${problem}`);
    expect(result.stderr).not.toContain("secret");
  });

  test("--json and --csv exclude each other", async () => {
    const args = ["trace", "ledger", bundle, "--json", "--csv"];
    const result = await runInProcess(args, { cwd: recorded.path });
    expect([result.exitCode, result.stdout]).toEqual([2, ""]);
  });
});

describe("codex-ts trace list", () => {
  test("[cli/trace-list] lists bundles newest first with how they ended", async () => {
    await using directory = await temporaryDirectory();
    const first = await bundleCopy(directory.path);
    const second = join(directory.path, "second");
    await cp(first, second, { recursive: true });
    await mkdir(join(directory.path, "no-bundle"));
    const manifest = await readJson(join(second, "manifest.json"));
    const startedAt = (manifest["started_at_unix_ms"] as number) + 1000;
    await writeFile(
      join(second, "manifest.json"),
      JSON.stringify({ ...manifest, started_at_unix_ms: startedAt }),
    );
    await truncate(join(second, "trace.jsonl"), 500);
    // Of a Codex to come: nothing is said of a run that no other command reads.
    const later = join(directory.path, "trace-later");
    await cp(first, later, { recursive: true });
    await writeFile(
      join(later, "manifest.json"),
      JSON.stringify({ ...manifest, schema_version: 99, started_at_unix_ms: startedAt + 1000 }),
    );
    const result = await runInProcess(["trace", "list"], {
      cwd: "/",
      env: { CODEX_ROLLOUT_TRACE_ROOT: directory.path },
    });
    expect(result).toMatchObject({ exitCode: 0, stderr: "" });
    const [, , ...rows] = result.stdout.trim().split("\n");
    const schema = String(manifest["schema_version"]);
    const told = rows.map((row) => row.split(/ {2,}/));
    expect(told.map(([, status, version, , path]) => [status, version, path])).toEqual([
      ["unknown schema", "99", later],
      ["unfinished", schema, second],
      ["completed", schema, first],
    ]);
  });

  test.skipIf(process.platform === "win32")(
    "pipes with the names of a bundle are not waited for",
    async () => {
      await using directory = await temporaryDirectory();
      const copy = await bundleCopy(directory.path);
      const replaceByPipe = async (name: string): Promise<void> => {
        await rm(join(copy, name));
        execFileSync("mkfifo", [join(copy, name)]);
        const list = await runInProcess(["trace", "list"], { cwd: directory.path });
        expect(list.exitCode).toBe(0);
      };
      // No log at all: what the manifest says is shown, and what is wrong.
      await replaceByPipe("trace.jsonl");
      const unlogged = await runInProcess(["trace", "show", copy], { cwd: directory.path });
      expect(unlogged.exitCode).toBe(0);
      expect(unlogged.stderr).toContain("trace.jsonl");
      await replaceByPipe("manifest.json");
      const show = await runInProcess(["trace", "show", copy], { cwd: directory.path });
      expect(show).toMatchObject({ exitCode: 1, stdout: "" });
      expect(show.stderr).toMatch(/^error: [^\n]+\n$/);
      expect(show.stderr).toContain(copy);
    },
  );

  test("[cli/untrusted-text] the name of a folder is not obeyed", async () => {
    await using directory = await temporaryDirectory();
    await cp(bundle, join(directory.path, "trace-\u001b[2J\u202eevil"), { recursive: true });
    const { stdout } = await runInProcess(["trace", "list"], { cwd: directory.path });
    expect(stdout).toContain("trace-evil");
    expect(stdout).not.toMatch(/[^\P{Cc}\n]|\u202e/u);
  });

  test("an empty folder is no error, a missing one is", async () => {
    await using directory = await temporaryDirectory();
    const empty = await runInProcess(["trace", "list"], { cwd: directory.path });
    expect(empty).toMatchObject({ exitCode: 0, stdout: "" });
    expect(empty.stderr).toMatch(/^no bundles in [^\n]+\n$/);
    const missing = await runInProcess(["trace", "list", "absent"], { cwd: directory.path });
    expect(missing).toMatchObject({ exitCode: 1, stdout: "" });
    expect(missing.stderr).toMatch(/^error: [^\n]*absent[^\n]*\n$/);
  });
});

async function cutLastLine(file: string): Promise<void> {
  const { length } = await readFile(file);
  await truncate(file, length - 20);
}

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { joinWire, readWireLog } from "@codex-ts/rollout-trace/wire";
import {
  completed,
  created,
  delay,
  errorExchange,
  functionCallExchange,
  hang,
  message,
  messageExchange,
  textDelta,
} from "@codex-ts/responses-server";
import type { Script } from "@codex-ts/responses-server";
import { isLongForm, isSoak, seededRandom, waitFor } from "@codex-ts/test-support";
import { beforeAll, describe, expect, test } from "vitest";
import { Interruption } from "../../src/cli-process.ts";
import { type MockHome, mockHome } from "../support/home.ts";
import { runInProcess, startCli } from "../support/run-cli.ts";

/** All of them in the soak. */
const KILLS = isSoak ? 50 : isLongForm ? 10 : 4;

const EXEC = ["exec", "--dangerously-bypass-approvals-and-sandbox"];
const RETRIES = ["-c", "model_providers.mock.request_max_retries=1"];

function onlyBundle(home: MockHome): string {
  const [name = ""] = readdirSync(join(home.path, "traces"));
  return join(home.path, "traces", name);
}

// What a command imports when it runs is slow to come on a busy machine, and how slow proves nothing.
beforeAll(async () => {
  await Promise.all([
    import("../../src/commands/exec.ts"),
    import("../../src/commands/trace-doctor.ts"),
    import("../../src/commands/trace-show.ts"),
  ]);
}, 60_000);

/** A recorded run of a script, and what `exec` printed of it. */
async function recordedRun(script: Script, flags: readonly string[] = []) {
  const home = await mockHome(script);
  const result = await runInProcess([...EXEC, "--trace", "traces", ...flags, "go"], home.run);
  return { home, result, bundle: onlyBundle(home) };
}

describe("[cli/trace-doctor] codex-ts trace doctor", () => {
  test("says of a failed request why, what to do and what to send, and exits with 1", async () => {
    const { home, bundle } = await recordedRun([
      { ...errorExchange(400, { code: "bad_thing", message: "no such tool" }), requestId: "req_1" },
    ]);
    await using _ = home;
    const { exitCode, stdout, stderr } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: "" });
    expect(stdout.split("\n").slice(0, 8)).toEqual([
      "attempts  http 1 try, 1 failed; 0 retries",
      expect.stringMatching(
        /^lost {6}\d+ ms connecting, 0 ms waiting for retries, 0 ms in stalls$/,
      ),
      "",
      "failed: request 1",
      "  The server refused the request (400 bad_thing): no such tool. (code: bad_request)",
      "  advice: correct the request: it fails the same way again",
      expect.stringMatching(
        /^ {2}send: nothing, [^;]*; if you are asked: x-request-id req_1, thread .*, turn .*, time \d{4}-.*Z$/,
      ),
      "",
    ]);
  });

  test("says why a turn failed that no request made fail, and what the client stopped", async () => {
    const ask = [
      functionCallExchange({ name: "exec_command", args: { cmd: "true" }, callId: "call_1" }),
    ];
    const { home, result, bundle } = await recordedRun(ask, ["-c", "turn_max_requests=1"]);
    await using _ = home;
    expect(result.exitCode).toBe(1);
    const { exitCode, stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(
      /^failed: turn [\w-]+: no request is the cause\n {2}the turn wants more than 1 requests \(turn_max_requests\)\n {2}advice: .*raise or remove turn_max_requests.*\n {2}send: nothing, /m,
    );
    const shown = await runInProcess(["trace", "show", bundle], home.run);
    expect(shown.stdout).toContain("(turn_max_requests)");
    const json = await runInProcess(["trace", "doctor", bundle, "--json"], home.run);
    const { failed_turns: failed, turn_failures: reasons } = JSON.parse(json.stdout);
    expect(Object.keys(reasons)).toEqual(failed);
    expect(Object.values(reasons)).toEqual([expect.stringContaining("turn_max_requests")]);
    await rm(join(bundle, "wire.jsonl"));
    const without = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(without.exitCode).toBe(1);
    expect(without.stdout).toMatch(/^ {2}turn [\w-]+ failed: .*\(turn_max_requests\)$/m);
  });

  test("does not say that the user stopped what a limit of the client stopped", async () => {
    const slow = { events: [created("resp_1"), textDelta("a"), delay(20_000), completed()] };
    const { home, bundle } = await recordedRun([slow], ["-c", "stream_max_duration_ms=300"]);
    await using _ = home;
    const { exitCode, stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^attempts {2}http 1 try, 0 failed, 1 stopped; 0 retries$/m);
    expect(stdout).toMatch(
      /^failed: request 1\n {2}the response took longer than 300 ms \(stream_max_duration_ms\)\n {2}The client stopped it after .*\(code: stopped_by_client\)\n {2}advice: .*stream_max_duration_ms, or ask for a shorter response\n {2}send: nothing, /m,
    );
    // One event is told once.
    expect(stdout.match(/^failed: /gm)).toHaveLength(1);
    expect(stdout).not.toContain("You cancelled it");
    const shown = await runInProcess(["trace", "show", bundle], home.run);
    expect(shown.stdout).toContain(
      "recording completed; 1 of 1 turn failed, 1 of 1 request cancelled",
    );
  });

  test("names the call a model repeats, and puts what was recovered behind the cause", async () => {
    const ask = (cmd: string, id: number) =>
      functionCallExchange({ name: "exec_command", args: { cmd }, callId: `call_${id}` });
    const flags = [
      "-c",
      "turn_max_requests=4",
      "-c",
      "model_providers.mock.stream_max_retries=1",
    ] as const;
    const cut = { events: [created("resp_cut")] };
    const same = await recordedRun([cut, ...[1, 2, 3].map((id) => ask("true", id))], flags);
    await using home = same.home;
    const { stdout } = await runInProcess(["trace", "doctor", same.bundle], home.run);
    expect(stdout).toMatch(
      /^failed: turn .*\n.*\(turn_max_requests\)\n {2}The model made the same call 3 times: exec_command \{"cmd":"true"\}\n {2}advice: change the prompt: .*turn_max_requests[^]*^note: requests 1, 2 /m,
    );

    const differing = await recordedRun(
      ["true", "true", "ls", "true"].map((cmd, id) => ask(cmd, id)),
      flags,
    );
    await using otherHome = differing.home;
    const other = await runInProcess(["trace", "doctor", differing.bundle], otherHome.run);
    expect(other.stdout).toContain("(turn_max_requests)");
    expect(other.stdout).not.toMatch(/same call|change the prompt/);
  });

  test("labels ids of a refused handshake, says what each attempt was, and tells what is missing in the table", async () => {
    await using home = await mockHome([{ ...errorExchange(403), requestId: "req_http" }], {
      provider: "supports_websockets = true",
      handshakes: [{ status: 403, requestId: "req_hand", repeat: Infinity }],
    });
    await runInProcess([...EXEC, "--trace", "traces", "go"], home.run);
    const { stdout } = await runInProcess(["trace", "doctor", onlyBundle(home)], home.run);
    expect(stdout).toMatch(
      /refused handshake: 403.*x-request-id of the refused handshake req_hand/,
    );
    expect(stdout).not.toMatch(/x-request-id req_hand/);
    expect(stdout).toMatch(/try over HTTP: 403.*x-request-id req_http/);
  });

  test("calls a turn that was stopped in a wait cancelled, and says how long it waited", async () => {
    await using home = await mockHome([errorExchange(429, { headers: { "retry-after": "4320" } })]);
    const controller = new AbortController();
    const run = runInProcess(
      [...EXEC, "-c", "model_providers.mock.stream_max_retries=2", "--trace", "traces", "go"],
      home.run,
      { interrupted: controller.signal },
    );
    const isWaiting = (): boolean => {
      if (!existsSync(join(home.path, "traces"))) return false;
      const file = join(onlyBundle(home), "wire.jsonl");
      return existsSync(file) && readFileSync(file, "utf8").includes("retry_scheduled");
    };
    await waitFor(isWaiting, { what: "the wait" });
    controller.abort(new Interruption("SIGINT", 130));
    await run;
    const { stdout } = await runInProcess(["trace", "doctor", onlyBundle(home)], home.run);
    expect(stdout).toMatch(/^attempts .*; 0 retries$/m);
    expect(stdout).toMatch(
      /^cancelled: request 1\n.*asked for 4320 s, this client waits \d+ s at most.* The user or the calling program stopped the turn \d+(\.\d)? s into a wait of .*\(code: cancelled\)\n {2}advice: run it again in 72 min/m,
    );
    const json = await runInProcess(["trace", "doctor", "--json", onlyBundle(home)], home.run);
    expect(JSON.parse(json.stdout)).toMatchObject({ findings: [{ severity: "cancelled" }] });
  });

  test("[cli/WL-10] calls a request that SIGINT ended in the middle cancelled, as in sigint-exec", async () => {
    await using home = await mockHome([
      { events: [created("resp_1"), message("Half."), hang()], requestId: "req_1" },
    ]);
    const controller = new AbortController();
    const run = runInProcess([...EXEC, "--trace", "traces", "go"], home.run, {
      interrupted: controller.signal,
      stderr: {
        write: (text) => {
          if (text.includes("Half.")) controller.abort(new Interruption("SIGINT", 130));
        },
      },
      stdout: {
        write: (text) => {
          if (text.includes("Half.")) controller.abort(new Interruption("SIGINT", 130));
        },
      },
    });
    expect((await run).exitCode).toBe(1);
    const { exitCode, stdout } = await runInProcess(
      ["trace", "doctor", onlyBundle(home)],
      home.run,
    );
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(
      /^cancelled: request 1\n {2}You cancelled it after .* s \(\d events\)\. \(code: cancelled\)\n.*\n {2}send: nothing, unless it was slow: x-request-id req_1, response_id resp_1, /m,
    );
  });

  test("says of a hundred requests what happened, and of more how many they are", async () => {
    const { home, bundle } = await recordedRun([{ ...errorExchange(500), requestId: "req_0." }]);
    await using _ = home;
    const file = join(bundle, "wire.jsonl");
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const copies = Array.from({ length: 103 }, (_value, index) =>
      lines.slice(1, -1).map((line) =>
        line
          .replace(/"attempt_id":"[^"]+"/, `"attempt_id":"attempt-${index}"`)
          .replace(/"turn_id":"[^"]+"/, `"turn_id":"turn-${index}"`)
          .replace(/"inference_call_id":"[^"]+"/, `"inference_call_id":"call-${index}"`),
      ),
    ).flat();
    const all = [lines[0] ?? "", ...copies, lines.at(-1) ?? ""];
    const numbered = all.map((line, index) => line.replace(/"seq":\d+/, `"seq":${index + 1}`));
    await writeFile(file, `${numbered.join("\n")}\n`);
    const { stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(stdout.match(/^failed: request of turn turn-/gm)).toHaveLength(100);
    expect(stdout).toMatch(/^and 3 more: trace doctor --json has all$/m);
  });

  test("says of a request that worked at last what stood in its way, and exits with 0", async () => {
    const { home, bundle, result } = await recordedRun(
      [errorExchange(500), messageExchange("hi")],
      RETRIES,
    );
    await using _ = home;
    expect(result.exitCode).toBe(0);
    const { exitCode, stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^note: request 1 \(2 tries\)$/m);
    expect(stdout).toMatch(
      /It worked at try 2 after .*: The server failed \(500\) once\. \(code: recovered, server_error\)\n {2}advice: nothing to do: it worked; if it recurs, send these ids\n {2}send: nothing, it worked; if it recurs: /m,
    );
  });

  test("prints everything as one JSON object", async () => {
    const { home, bundle } = await recordedRun([errorExchange(400)]);
    await using _ = home;
    const { exitCode, stdout } = await runInProcess(
      ["trace", "doctor", "--json", bundle],
      home.run,
    );
    expect(exitCode).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      wire: { http: { tries: 1, warmUps: 0, handshakes: 0, failed: 1 }, switches: [] },
      findings: [
        {
          severity: "failed",
          code: "bad_request",
          request: 1,
          requests: [1],
          attempts: 1,
          ids: {},
        },
      ],
      diagnostics: [],
    });
  });

  test("names the ids of every failed attempt, eight at most, and JSON all of them", async () => {
    const ids = Array.from({ length: 10 }, (_, index) => `req_${index + 1}.`);
    const { home, bundle } = await recordedRun([{ ...errorExchange(500), requestId: "req_0." }]);
    await using _ = home;
    const file = join(bundle, "wire.jsonl");
    // Ten tries of the transport take minutes: the one that was recorded stands for them.
    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const tries = ids.flatMap((id, index) =>
      lines
        .filter((line) => line.includes('"type":"attempt_'))
        .map((line) =>
          line
            .replaceAll("req_0.", id)
            .replace(/"attempt_id":"[^"]+"/, `"attempt_id":"attempt-${index}"`),
        ),
    );
    const all = [lines[0] ?? "", ...tries, lines.at(-1) ?? ""];
    const numbered = all.map((line, index) => line.replace(/"seq":\d+/, `"seq":${index + 1}`));
    await writeFile(file, `${numbered.join("\n")}\n`);
    const { stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(stdout).toMatch(/^ {2}send: the ids of 10 attempts$/m);
    expect(ids.filter((id) => stdout.includes(`x-request-id ${id},`))).toEqual(ids.slice(0, 8));
    expect(stdout).toMatch(/^ {4}and 2 more in wire\.jsonl\n {4}thread \S+, turn \S+$/m);
    const json = await runInProcess(["trace", "doctor", "--json", bundle], home.run);
    const [finding] = (JSON.parse(json.stdout) as { findings: { attempt_ids: object[] }[] })
      .findings;
    expect(finding?.attempt_ids).toMatchObject(ids.map((id) => ({ x_request_id: id })));
    expect(finding).toMatchObject({ requests: [1], attempts: 10, tries: 10, handshakes: 0 });
    expect(finding).toMatchObject({ nothing_to_send: false });
  });

  test("says that no id of the server came, and counts handshakes and warm-ups by name", async () => {
    const { home, bundle } = await recordedRun(
      [{ beforeStatus: [{ step: "hang" }], events: [] }],
      ["-c", "first_response_timeout_ms=100"],
    );
    await using _ = home;
    const { stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(stdout).toMatch(
      /^ {2}send: no id of the server reached the client, so thread \S+, turn \S+, inference call \S+, time /m,
    );
    expect(stdout).toMatch(/^ {2}advice: try again; .*raise first_response_timeout_ms/m);
    expect(stdout).not.toContain("http_only");

    const warm = await recordedRun(
      [messageExchange("hi")],
      ["-c", "model_providers.mock.supports_websockets=true"],
    );
    await using warmHome = warm.home;
    const report = await runInProcess(["trace", "doctor", warm.bundle], warmHome.run);
    expect(report.stdout).toMatch(
      /^attempts {2}websocket 2 tries \(1 warm-up counted\), 1 handshake, 0 failed; 0 retries$/m,
    );
  });

  test("says of a turn whose process died in a command that it did not end", async () => {
    const ask = functionCallExchange({
      name: "exec_command",
      args: { cmd: "true" },
      callId: "call_1",
    });
    const { home, bundle } = await recordedRun([ask, messageExchange("hi")]);
    await using _ = home;
    for (const [name, end] of [
      ["trace.jsonl", "tool_call_ended"],
      ["wire.jsonl", "attempt_ended"],
    ] as const) {
      const file = join(bundle, name);
      const lines = readFileSync(file, "utf8").split("\n");
      const last = lines.findIndex((line) => line.includes(end));
      await writeFile(
        file,
        `${lines.slice(0, last + (name === "wire.jsonl" ? 1 : 0)).join("\n")}\n`,
      );
    }
    const { stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(stdout).toMatch(
      /^unfinished: turn [\w-]+: no request is the cause\n {2}The recording ends in the middle of the turn/m,
    );
  });

  test("has nothing to say about a run without trouble", async () => {
    const { home, bundle } = await recordedRun([messageExchange("hi")]);
    await using _ = home;
    const { exitCode, stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(exitCode).toBe(0);
    expect(stdout).toContain("\nevery request worked at its first try\n");
  });

  test("[cli/WL-16] of a bundle without a wire log says what is not known, and guesses nothing", async () => {
    const { home, bundle } = await recordedRun([{ ...errorExchange(400), requestId: "req_1" }]);
    await using _ = home;
    await rm(join(bundle, "wire.jsonl"));
    const { exitCode, stdout } = await runInProcess(["trace", "doctor", bundle], home.run);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^this bundle has no wire\.jsonl/);
    expect(stdout).toContain("not known: which attempts were made");
    expect(stdout).toMatch(/^ {2}request 1 failed, upstream_request_id req_1, /m);
    expect(stdout).not.toMatch(/advice|bad_request|server refused/);
  });
});

describe("[cli/trace-show-wire] codex-ts trace show", () => {
  test("says at the top that requests and turns failed, though the recording is complete", async () => {
    const { home, bundle } = await recordedRun([errorExchange(400)]);
    await using _ = home;
    const { stdout } = await runInProcess(["trace", "show", bundle], home.run);
    expect(stdout).toMatch(
      /^status +recording completed; 1 of 1 turn failed, 1 of 1 request failed$/m,
    );
  });

  test("shows how each request travelled, and what is to be said about it below", async () => {
    const { home, bundle } = await recordedRun(
      [errorExchange(500), messageExchange("hi")],
      RETRIES,
    );
    await using _ = home;
    const { stdout } = await runInProcess(["trace", "show", bundle], home.run);
    expect(stdout).toMatch(/^request .* via +tries +first event +tokens in\/out/m);
    expect(stdout).toMatch(/^1 .* http +2 +\d+ ms +10\/5/m);
    expect(stdout).toMatch(/^note: request 1 \(2 tries\)$/m);
  });

  test("has the response id of a request that failed in its stream", async () => {
    const { home, bundle } = await recordedRun([{ events: [created("resp_broken")] }]);
    await using _ = home;
    const { stdout } = await runInProcess(["trace", "show", bundle], home.run);
    expect(stdout).toMatch(/^1 .* failed +resp_broken /m);
  });

  test("lists warm-ups, which are no rows of the table, with their ids", async () => {
    const { home, bundle } = await recordedRun(
      [messageExchange("hi")],
      ["-c", "model_providers.mock.supports_websockets=true"],
    );
    await using _ = home;
    const { stdout } = await runInProcess(["trace", "show", bundle], home.run);
    expect(stdout).toMatch(
      /^warm-up \(1 try, 1 handshake\) worked: .*position on it 1, x-request-id of the connection req_c0+1, /m,
    );
  });

  test("names a request over WebSocket by its connection and its place on it", async () => {
    const { home, bundle } = await recordedRun(
      [messageExchange("hi")],
      ["-c", "model_providers.mock.supports_websockets=true"],
    );
    await using _ = home;
    const { stdout } = await runInProcess(["trace", "show", bundle], home.run);
    expect(stdout).toMatch(/^1 .* - +ws:req_c0+1#2 +1 /m);
  });
});

describe("[cli/exec-diagnosis] a failed exec", () => {
  test("ends with the diagnosis, the ids and where the wire log is", async () => {
    const { home, bundle, result } = await recordedRun([
      { events: [created("resp_1"), message("part")], requestId: "req_1" },
    ]);
    await using _ = home;
    expect(result.exitCode).toBe(1);
    const [error, wire] = result.stderr.trimEnd().split("\n").slice(-2);
    expect(error).toMatch(
      /^error: The stream ended without `response\.completed` after 2 events, \d+ bytes, request id: req_1; try again/,
    );
    expect(wire).toBe(`wire: ${bundle}`);
  });

  test("[cli/WL-14] prints the same JSON lines with and without a wire log", async () => {
    const lines: string[] = [];
    for (const flags of [[], ["--no-wire-log"], ["--wire", "frames"]]) {
      const { home, result } = await recordedRun(
        [errorExchange(500), errorExchange(400, { message: "no" })],
        [...RETRIES, "--json", ...flags],
      );
      await using _ = home;
      lines.push(result.stdout.replace(/"thread_id":"[^"]+"/, ""));
      const names = readdirSync(onlyBundle(home));
      expect(names.includes("wire.jsonl")).toBe(!flags.includes("--no-wire-log"));
    }
    expect(new Set(lines).size).toBe(1);
    expect(lines[0]).toContain('"type":"turn.failed"');
  });

  test.each([
    [["--wire", "frames"], /^error: --wire: nothing is recorded without --trace DIR\n$/],
    [
      ["--wire", "all", "--trace", "t"],
      /^error: option '--wire <detail>' argument 'all' is invalid/,
    ],
    [
      ["--wire", "frames", "--no-wire-log", "--trace", "t"],
      /^error: --no-wire-log and --wire exclude each other\n$/,
    ],
  ])("%s is a mistake", async (flags, expected) => {
    await using home = await mockHome([]);
    const { exitCode, stderr } = await runInProcess([...EXEC, ...flags, "go"], home.run);
    expect(exitCode).toBe(2);
    expect(stderr).toMatch(expected);
  });
});

describe("settings", () => {
  test("[cli/http-only] http_only keeps every request from a WebSocket", async () => {
    const { home, result } = await recordedRun(
      [messageExchange("hi")],
      ["-c", "http_only=true", "-c", "model_providers.mock.supports_websockets=true"],
    );
    await using _ = home;
    expect(result.exitCode).toBe(0);
    expect(home.server.connections).toHaveLength(0);
    const { stdout } = await runInProcess(["trace", "doctor", onlyBundle(home)], home.run);
    expect(stdout).toMatch(/^switched {2}from websocket to http at .*: http_only is set$/m);
  });

  test("[cli/first-response-timeout] first_response_timeout_ms ends the wait for a beginning", async () => {
    const { home, result } = await recordedRun(
      [{ beforeStatus: [{ step: "hang" }], events: [] }],
      ["-c", "first_response_timeout_ms=100"],
    );
    await using _ = home;
    expect(result.exitCode).toBe(1);
    expect(result.stderr).toMatch(/error: Connected and sent, but no event within 0\.\d s/);
  });
});

test(
  "[cli/WL-8] a process that is killed leaves a wire log that can be read, and says that it died",
  { timeout: isLongForm ? 600_000 : 120_000 },
  async () => {
    const random = seededRandom(8);
    const deltas = Array.from({ length: 40 }, () => [textDelta("a"), delay(25)]).flat();
    for (let kill = 0; kill < KILLS; kill += 1) {
      await using home = await mockHome([
        { events: [created("resp_1"), ...deltas, completed()], requestId: "req_1" },
      ]);
      const { child, ended } = startCli([...EXEC, "--trace", "traces", "go"], home.run);
      child.stdin.end();
      await home.server.waitForRequest(1);
      await new Promise((resolve) => setTimeout(resolve, random() * 600));
      child.kill("SIGKILL");
      await ended;
      const bundle = onlyBundle(home);
      const log = await readWireLog(openBundle(bundle));
      expect(readFileSync(join(bundle, "wire.jsonl"), "utf8").endsWith("\n")).toBe(true);
      expect(log.attempts.map((attempt) => attempt.ended)).toEqual([undefined]);
      const { state } = await reduceBundle(openBundle(bundle));
      const [request] = joinWire(state, log).requests;
      expect(request).toMatchObject({ outcome: "unfinished", diagnosis: { code: "process_died" } });
      const doctor = await runInProcess(["trace", "doctor", bundle], home.run);
      expect(doctor.exitCode).toBe(1);
      expect(doctor.stdout).toMatch(/The process ended while (request 1|a request) was /);
    }
  },
);

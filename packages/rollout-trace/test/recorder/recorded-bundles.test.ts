import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isJsonObject, type JsonValue } from "@codex-ts/protocol";
import { openBundle, reduceBundle, TraceReadError } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { hasCorpus, recordedBundles } from "../support/corpus.ts";
import { recordAgain } from "../support/record-again.ts";
import { readPayload, references } from "../support/recording.ts";

/** Runs whose recording by Codex no reducer reads; ours differs from it where that is the reason. */
const UNREADABLE: ReadonlySet<string> = new Set([
  // The end of a turn that never started.
  "0.140.0/review",
  "0.169.0/review",
  // A write_stdin invocation without a session.
  "0.140.0/malformed-args",
  // An output item of unknown type.
  "0.140.0/bad-sse-events",
  "0.169.0/bad-sse-events",
]);

/** The suite records some runs again; `pnpm test:long` does all. */
const IN_SUITE =
  /^0\.140\.0\/(?:agents-spawn-wait|bad-sse-events|exotic-items|ws-exec)$|^0\.169\.0\/(?:code-mode-yield-wait|compact-remote-v2|exotic-items|web-search-item)$/;

const versions = ["0.140.0", "0.169.0"] as const;
const bundles = versions
  .flatMap((version) =>
    recordedBundles(version).map(({ name, folder }) => ({ name: `${version}/${name}`, folder })),
  )
  .filter(({ name }) => isLongForm || IN_SUITE.test(name));

describe.skipIf(!hasCorpus)("a run recorded by Codex, recorded again by our recorders", () => {
  test.each(bundles.filter(({ name }) => !UNREADABLE.has(name)))(
    "[trace/W1] $name gives the same log and the same payloads",
    async ({ folder }) => {
      await using target = await temporaryDirectory();
      const bundle = recordAgain(folder, target.path);
      expect(logOf(bundle)).toBe(logOf(folder));
      expect(payloadsOf(bundle)).toEqual(payloadsOf(folder));
      expect(readFileSync(join(bundle, "manifest.json"), "utf8")).toBe(
        readFileSync(join(folder, "manifest.json"), "utf8"),
      );
    },
  );

  test.each(bundles.filter(({ name }) => UNREADABLE.has(name)))(
    "[trace/W2] $name differs, because Codex's own cannot be reduced and ours can",
    async ({ folder }) => {
      await using target = await temporaryDirectory();
      const bundle = recordAgain(folder, target.path);
      await expect(reduceBundle(openBundle(folder), { mode: "strict" })).rejects.toThrow(
        TraceReadError,
      );
      const { state } = await reduceBundle(openBundle(bundle), { mode: "strict" });
      expect(state.status).toBe("completed");
    },
  );
});

/** The log without the numbers of payloads: Codex writes some of them from parallel tasks. */
function logOf(bundle: string): string {
  return readFileSync(join(bundle, "trace.jsonl"), "utf8").replaceAll(
    /"raw_payload:\d+"|"payloads\/\d+\.json"/g,
    '"…"',
  );
}

/** What the references of the log stand for, in order of the log. */
function payloadsOf(bundle: string): JsonValue[] {
  return references(bundle).map((reference) => withoutPassthrough(readPayload(bundle, reference)));
}

/** Requests of 0.169 carry a member that ours, in the shape of 0.140, have not; items do not keep it. */
function withoutPassthrough(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map((element: JsonValue) => withoutPassthrough(element));
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([name]) => name !== "internal_chat_message_metadata_passthrough")
      .map(([name, member]) => [name, withoutPassthrough(member ?? null)]),
  );
}

import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { writeReducedState } from "@codex-ts/rollout-trace";
import type { ReducedTrace } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bundle, family, inChild, message } from "../reducer/support/bundle-builder.ts";
import { randomBundle } from "../reducer/support/random-bundle.ts";
import { randomSteps } from "../reducer/support/random-steps.ts";

async function written(state: ReducedTrace): Promise<string> {
  await using folder = await temporaryDirectory();
  const path = join(folder.path, "state.json");
  writeReducedState(path, state);
  return readFileSync(path, "utf8");
}

describe("writing a state", () => {
  test("gives the bytes JSON.stringify gives", async () => {
    const history = Array.from({ length: 150 }, (_, index) =>
      message("user", `"item"\n ${index} größe`),
    );
    const builder = family();
    for (let count = 0; count < 150; count += 7) {
      builder.request(`a${count}`, history.slice(0, count));
      builder.request(`b${count}`, history.slice(count), {}, inChild);
    }
    const state = await builder
      .response("a0", [message("assistant", '"request_item_ids": []')])
      .state();
    expect(await written(state)).toBe(JSON.stringify(state, null, 2));
  });

  test("whatever the state", async () => {
    const session = randomSteps(30);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1 as const, 2 as const), session, async (schema, steps) => {
        const { state } = await randomBundle(schema, steps).tolerant();
        expect(await written(state)).toBe(JSON.stringify(state, null, 2));
      }),
      { numRuns: isLongForm ? 200 : 12 },
    );
  });

  test("records larger than a chunk and odd keys are no exception", async () => {
    const builder = bundle()
      .thread("__proto__", "/root/p")
      .thread("10", "/root/n")
      .thread("9", "/root/m");
    const state = await builder.request("a", [message("user", "é".repeat(1_500_000))]).state();
    expect(Object.keys(state.threads)).toContain("__proto__");
    expect(await written(state)).toBe(JSON.stringify(state, null, 2));
  });

  test("members stay in their order, also in a state that was put together by hand", async () => {
    const { status, threads, ...rest } = await bundle().state();
    const state = { threads, ...rest, status };
    expect(await written(state)).toBe(JSON.stringify(state, null, 2));
  });

  test("replaces what was there, for the owner only, and leaves nothing else", async () => {
    await using folder = await temporaryDirectory();
    const path = join(folder.path, "state.json");
    writeFileSync(path, "old", { mode: 0o644 });
    writeReducedState(path, await bundle().state());
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder.path)).toEqual(["state.json"]);
  });

  test("a failure leaves the old state and no half one", async () => {
    await using folder = await temporaryDirectory();
    mkdirSync(join(folder.path, "state.json"));
    const state = await bundle().state();
    expect(() => writeReducedState(join(folder.path, "state.json"), state)).toThrow(
      /EISDIR|ENOTEMPTY|EEXIST|EPERM/,
    );
    expect(() => writeReducedState(join(folder.path, "nowhere/state.json"), state)).toThrow(
      "ENOENT",
    );
    expect(readdirSync(folder.path)).toEqual(["state.json"]);
  });
});

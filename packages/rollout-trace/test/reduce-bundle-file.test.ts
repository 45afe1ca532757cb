import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { reduceBundleFile, StateWriteError, TraceError } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bundle, family, inChild, message } from "./reducer/support/bundle-builder.ts";
import type { BundleBuilder } from "./reducer/support/bundle-builder.ts";
import { randomBundle } from "./reducer/support/random-bundle.ts";
import { randomSteps } from "./reducer/support/random-steps.ts";

/** Puts a bundle into a directory. */
function store(folder: string, builder: BundleBuilder): string {
  for (const [name, content] of Object.entries(builder.files())) {
    const file = join(folder, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, content);
  }
  return folder;
}

async function written(builder: BundleBuilder): Promise<{ text: string; expected: string }> {
  await using folder = await temporaryDirectory();
  const { outputPath, state } = await reduceBundleFile(store(folder.path, builder));
  expect(outputPath).toBe(join(folder.path, "state.json"));
  const text = readFileSync(outputPath, "utf8");
  const { state: reduced } = await builder.tolerant();
  expect(state()).toEqual(reduced);
  return { text, expected: JSON.stringify(reduced, null, 2) };
}

describe("reducing a folder to a file", () => {
  test("gives the bytes of the state, histories of two threads that part and meet included", async () => {
    const history = Array.from({ length: 60 }, (_, index) => message("user", `"${index}" größe ✓`));
    const builder = family();
    for (let count = 0; count < 60; count += 7) {
      builder.request(`a${count}`, history.slice(0, count));
      builder.request(`b${count}`, history.slice(count), {}, inChild);
      builder.request(`c${count}`, [message("user", `other ${count}`), ...history.slice(0, count)]);
    }
    const { text, expected } = await written(builder);
    expect(text).toBe(expected);
  });

  test("whatever the bundle", async () => {
    const session = randomSteps(30);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(1 as const, 2 as const), session, async (schema, steps) => {
        const { text, expected } = await written(randomBundle(schema, steps));
        expect(text).toBe(expected);
      }),
      { numRuns: isLongForm ? 200 : 12 },
    );
  });

  test("ids are in the order of their bytes, also where an object would put numbers first", async () => {
    const builder = bundle()
      .thread("__proto__", "/root/p")
      .thread("10", "/root/n")
      .thread("9", "/root/m");
    const { text } = await written(builder);
    const ids = [...text.matchAll(/"thread_id": "([^"]+)"/g)].map(([, id]) => id);
    expect(ids.filter((id) => id === "10" || id === "9" || id === "__proto__")).toEqual([
      "10",
      "9",
      "__proto__",
    ]);
  });

  test("a state that can not be written is an error of its own, and nothing is left", async () => {
    await using folder = await temporaryDirectory();
    const path = store(folder.path, bundle());
    const outputPath = join(path, "nowhere", "state.json");
    const error: unknown = await reduceBundleFile(path, { outputPath }).catch(
      (cause: unknown) => cause,
    );
    expect(error).toBeInstanceOf(StateWriteError);
    expect(TraceError.is(error) && error.code).toBe("state_write_failed");
    expect(error).toMatchObject({ outputPath, cause: { code: "ENOENT" } });
    expect(existsSync(join(path, "nowhere"))).toBe(false);
  });

  test("strict mode writes nothing for a bundle it refuses", async () => {
    await using folder = await temporaryDirectory();
    const path = store(folder.path, bundle().turn("turn-1"));
    await expect(reduceBundleFile(path, { mode: "strict" })).rejects.toMatchObject({
      code: "duplicate",
    });
    expect(existsSync(join(path, "state.json"))).toBe(false);
  });
});

import { expect } from "vitest";
import { CodeCell } from "../../../src/tools/code-mode/code-cell.ts";
import type { CellReport } from "../../../src/tools/code-mode/code-cell.ts";

export const MEGABYTE: number = 1024 * 1024;
/** A busy machine starts a thread slowly. */
export const TIMEOUT_MS = 60_000;

export interface Outcome extends CellReport {
  /** What the script stored, by key. */
  readonly stored: ReadonlyMap<string, string>;
  readonly notices: readonly string[];
  readonly calls: number;
  /** The longest time this thread was kept from doing something else. */
  readonly lagMs: number;
  /** How much the memory of the process has grown. */
  readonly grownBytes: number;
}

/**
 * Runs a script for at most `ms`, then ends it. `before` was stored by others. `echo` returns its argument, `fail` fails,
 * `hang` does not return.
 */
export async function run(
  source: string,
  ms = 20_000,
  before: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  const stored = new Map<string, string>();
  const notices: string[] = [];
  let calls = 0;
  const cell = await CodeCell.open({
    async call({ tool, json }) {
      calls += 1;
      if (tool === 2) return new Promise(() => {});
      return tool === 0
        ? { isResolved: true, json: json ?? "null" }
        : { isResolved: false, json: '"it failed"' };
    },
    notice: (text) => notices.push(text),
    store: (key, json) => stored.set(key, json),
    now: Date.now,
  });
  const rss = process.memoryUsage.rss();
  let lagMs = 0;
  let last = performance.now();
  const meter = setInterval(() => {
    lagMs = Math.max(lagMs, performance.now() - last);
    last = performance.now();
  }, 10);
  await cell.run({
    source,
    tools: ["echo", "fail", "hang"].map((name) => ({ name, description: `${name} it` })),
    stored: before,
  });
  const report = await cell.report(ms, new AbortController().signal);
  const grownBytes = process.memoryUsage.rss() - rss;
  clearInterval(meter);
  await cell.terminate();
  expect(cell.isOver).toBe(true);
  return { ...report, stored, notices, calls, lagMs, grownBytes };
}

/** The texts of an outcome; an image is left as it is. */
export const shownTexts = ({ items }: Outcome): unknown[] =>
  items.map((item) => (item.type === "input_text" ? item.text : item));

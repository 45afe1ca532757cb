import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { renderWhole } from "../support/render.ts";
import { assistantMessage, runBundle, userMessage } from "../support/run.ts";
import type { RunRequest } from "../support/run.ts";
import { follow, isBrowserForm, launch, openTrace } from "./support.ts";

/** A session of so many requests, each with a little more history. */
function longSession(count: number): readonly RunRequest[] {
  const history: object[] = [];
  return Array.from({ length: count }, (_, index) => {
    history.push(userMessage(`question ${index} ${"with many words ".repeat(40)}`));
    const answer = assistantMessage(`answer ${index}`);
    const input = [...history];
    history.push(answer);
    return {
      input,
      output: [answer],
      usage: { input: 2000 + index * 200, cached: 1920 + index * 190 },
    };
  });
}

/** How much slower than in a test the slowest machine is that still has to pass. */
const PATIENCE = 5;

describe.skipIf(!isBrowserForm)("large runs", () => {
  test("[trace-viewer/VW-2] 1000 requests: a small file that opens at once, and so does each request", async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const source = runBundle(longSession(1000));
    const page = await renderWhole(source);
    const file = join(directory.path, "page.html");
    writeFileSync(file, page);
    expect(statSync(file).size).toBeLessThanOrEqual(1_000_000);
    const opened = await openTrace(browser, directory.path, runBundle(longSession(1000)));
    const ready = await opened.page.evaluate(
      () => performance.getEntriesByName("trace-ready")[0]?.duration ?? Infinity,
    );
    expect(ready).toBeLessThan(1500 * PATIENCE);
    const started = performance.now();
    for (const request of [1000, 1, 500]) {
      await follow(opened.page, `#r=${request}`);
      await opened.page.waitForSelector(`.cards[data-request="${request}"] .card`);
    }
    expect((performance.now() - started) / 3).toBeLessThan(500 * PATIENCE);
    expect(await opened.page.locator(".card").count()).toBeLessThan(60);
  });

  test("[trace-viewer/VW-4] 5 MB in one item are shown cut, and whole on request", async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const text = `${"a line of a very long text\n".repeat(200_000)}the end`;
    const { page, problems } = await openTrace(
      browser,
      directory.path,
      runBundle([{ input: [userMessage(text)] }]),
    );
    await page.waitForSelector(".card .more");
    expect((await page.locator(".card[data-item-id] .body").textContent())?.length).toBeLessThan(
      5000,
    );
    await page.click(".card[data-item-id] .more");
    // The last piece arrives many frames later; in between the page goes on.
    await page.waitForFunction(() =>
      document
        .querySelector(".card[data-item-id] .piece:last-of-type")
        ?.textContent.endsWith("the end"),
    );
    expect((await page.locator(".card[data-item-id] .body").textContent())?.length).toBeGreaterThan(
      text.length,
    );
    expect(problems).toEqual([]);
  });
});

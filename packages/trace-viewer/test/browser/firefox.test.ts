import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { reduceBundle } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { renderWhole } from "../support/render.ts";
import { eventfulRun } from "../support/scenes.ts";
import { wiredRun } from "../support/wire.ts";
import { FirefoxPage, firefoxPath } from "./firefox.ts";
import { collectSeen } from "./support.ts";

const isWanted = process.env["BROWSER_TESTS"] !== undefined;
if (isWanted && firefoxPath === undefined)
  console.warn(
    "SKIPPED: the test of the trace viewer in Firefox. Install it (Debian: apt-get install firefox-esr), or name one in FIREFOX_PATH.",
  );

test.skipIf(!isWanted || firefoxPath === undefined)(
  "[trace-viewer/VW-14] Firefox shows what the model saw at every request, every tab and view, searches, and loads nothing",
  async () => {
    await using directory = await temporaryDirectory();
    await using page = await FirefoxPage.start(directory.path);
    for (const [name, source] of [
      ["eventful", eventfulRun()],
      ["wired", wiredRun()],
    ] as const) {
      const file = join(directory.path, `${name}.html`);
      await writeFile(file, await renderWhole(source));
      const address = pathToFileURL(file).href;
      await page.goTo(address);
      await expect.poll(() => page.evaluate(() => "codexTrace" in globalThis)).toBe(true);
      const { state } = await reduceBundle(source);
      const calls = Object.values(state.inference_calls).toSorted(
        (left, right) => left.execution.started_seq - right.execution.started_seq,
      );
      for (const [index, { request_item_ids: ids }] of calls.entries()) {
        if (index > 0) await page.press("j");
        const shown = () =>
          page.evaluate(() => document.querySelector<HTMLElement>(".cards")?.dataset["request"]);
        await expect.poll(shown).toBe(String(index + 1));
        expect(await page.evaluate(collectSeen)).toEqual(ids);
      }
      const selected = () =>
        page.evaluate(() => document.querySelector('[role=tab][aria-selected="true"]')?.id);
      for (const [index, tab] of ["seen", "response", "diff", "wire", "raw", "context"].entries()) {
        await page.press(String(index + 1));
        await expect.poll(selected).toBe(`tab-${tab}`);
      }
      for (const [key, view] of ["a", "l", "s", "r"].map(
        (each, index) => [each, ["agents", "ledger", "session", "requests"][index]] as const,
      )) {
        await page.press("g");
        await page.press(key);
        const place = () => page.evaluate(() => document.querySelector("main")?.className);
        await expect.poll(place).toContain(`view-${view}`);
      }
      for (const key of Array.from("/do it")) await page.press(key);
      const hits = () => page.evaluate(() => document.querySelectorAll(".hit mark").length);
      await expect.poll(hits).toBeGreaterThan(0);
      expect(page.problems).toEqual([]);
      // Firefox itself shows things of its own by data URLs.
      expect(page.requested.filter((url) => !url.startsWith("data:") && url !== address)).toEqual(
        [],
      );
    }
  },
);

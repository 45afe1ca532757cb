import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import type { TemporaryDirectory } from "@codex-ts/test-support";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { corpusBundles } from "../support/corpus.ts";
import {
  axeProblems,
  clipboard,
  emptyPage,
  follow,
  isBrowserForm,
  launch,
  seenInPage,
  showTrace,
} from "./support.ts";
import type { OpenPage } from "./support.ts";

const SHORT = /0\.(?:140|169|171)\.0\/(?:compact-remote-v2|agents-spawn-wait|ws-basic)$/;
/** The ids in the head of the page; each is checked to be what its key copies. */
async function copiedIds(page: Page): Promise<readonly (string | null)[]> {
  const ids: (string | null)[] = [];
  for (const [chip, key] of ["c", "C"].entries()) {
    const value = page.locator(".id-chip").nth(chip).locator(".id-value");
    const id = (await value.count()) === 0 ? null : await value.textContent();
    ids.push(id);
    if (id === null) continue;
    await page.evaluate(() => navigator.clipboard.writeText("nothing was copied"));
    await page.keyboard.press(key);
    await expect.poll(() => clipboard(page), { interval: 5 }).toBe(id);
  }
  return ids;
}

const bundles = corpusBundles().filter((bundle) => isLongForm || SHORT.test(bundle));

describe.skipIf(!isBrowserForm || bundles.length === 0)("recorded bundles in a browser", () => {
  let browser: Browser;
  let opened: OpenPage;
  let directory: TemporaryDirectory;

  beforeAll(async () => {
    browser = await launch();
    // One for all: a page of its own for each bundle takes longer than what is looked at in it.
    opened = await emptyPage(browser);
    directory = await temporaryDirectory();
  });

  afterAll(async () => {
    await browser.close();
    await directory[Symbol.asyncDispose]();
  });

  test.each(bundles.map((bundle) => [`${basename(dirname(bundle))}/${basename(bundle)}`, bundle]))(
    "[trace-viewer/VW-1] [trace-viewer/VW-5] [trace-viewer/VW-6] [trace-viewer/VW-7] %s: no requests, no errors, nothing for axe, and at every request the items and ids of the state",
    async (_, bundle) => {
      const { state } = await reduceBundle(openBundle(bundle));
      const { page, requested, problems } = opened;
      await showTrace(opened, { directory: directory.path, source: openBundle(bundle) });
      const calls = Object.values(state.inference_calls).toSorted(
        (left, right) => left.execution.started_seq - right.execution.started_seq,
      );
      expect(await page.locator("meta[http-equiv=Content-Security-Policy]").count()).toBe(1);
      for (const [index, call] of calls.entries()) {
        await follow(page, `#call=${call.inference_call_id}`);
        await page.waitForSelector(`.cards[data-request="${index + 1}"]`);
        expect(await seenInPage(page)).toEqual(call.request_item_ids);
        const ids = await copiedIds(page);
        const recorded = [call.response_id, call.upstream_request_id];
        // Where the state has none the wire log may know one: of a response that broke off, or of the connection.
        expect(ids).toEqual(
          existsSync(join(bundle, "wire.jsonl"))
            ? recorded.map((id, at) => id ?? ids[at])
            : recorded,
        );
      }
      expect(await axeProblems(page)).toEqual([]);
      await follow(page, "#view=session");
      expect(await axeProblems(page)).toEqual([]);
      expect(problems).toEqual([]);
      expect(requested).toHaveLength(1);
    },
  );
});

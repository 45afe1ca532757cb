import { basename, dirname } from "node:path";
import { openBundle, reduceBundle } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import type { TemporaryDirectory } from "@codex-ts/test-support";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { corpusBundles } from "../support/corpus.ts";
import { follow, isBrowserForm, launch, openTrace, seenInPage } from "./support.ts";

const SHORT = /0\.(?:140|169|171)\.0\/(?:compact-remote-v2|agents-spawn-wait|ws-basic)$/;
const bundles = corpusBundles().filter((bundle) => isLongForm || SHORT.test(bundle));

describe.skipIf(!isBrowserForm || bundles.length === 0)("recorded bundles in a browser", () => {
  let browser: Browser;
  let directory: TemporaryDirectory;

  beforeAll(async () => {
    browser = await launch();
    directory = await temporaryDirectory();
  });

  afterAll(async () => {
    await browser.close();
    await directory[Symbol.asyncDispose]();
  });

  test.each(bundles.map((bundle) => [`${basename(dirname(bundle))}/${basename(bundle)}`, bundle]))(
    "[trace-viewer/VW-1] [trace-viewer/VW-5] %s: no requests, no errors, and at every request the items of the state",
    async (_, bundle) => {
      const { state } = await reduceBundle(openBundle(bundle));
      const { page, requested, problems } = await openTrace(
        browser,
        directory.path,
        openBundle(bundle),
      );
      const calls = Object.values(state.inference_calls).toSorted(
        (left, right) => left.execution.started_seq - right.execution.started_seq,
      );
      for (const [index, call] of calls.entries()) {
        await follow(page, `#call=${call.inference_call_id}`);
        await page.waitForSelector(`.cards[data-request="${index + 1}"]`);
        expect(await seenInPage(page)).toEqual(call.request_item_ids);
        const ids = await page.locator(".id-chip .id-value").allTextContents();
        expect(ids).toEqual(
          [call.response_id, call.upstream_request_id].filter((id) => id !== null),
        );
      }
      expect(problems).toEqual([]);
      expect(requested).toHaveLength(1);
      await page.context().close();
    },
  );
});

import { readContents } from "@codex-ts/rollout-trace";
import type { BundleSource } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import { renderDiffHtml } from "@codex-ts/trace-viewer";
import type { RenderDiffOptions } from "@codex-ts/trace-viewer";
import { describe, expect, test } from "vitest";
import { assistantMessage, runBundle, userMessage } from "../support/run.ts";
import { axeProblems, emptyPage, isBrowserForm, launch, showFile } from "./support.ts";
import type { OpenPage } from "./support.ts";

const HOSTILE = "</script><img src=x onerror='globalThis.stolen = 1'>";
const USAGE = { input: 5000, cached: 0 };

const run = (word: string): BundleSource =>
  runBundle([
    { input: [userMessage("one")], usage: USAGE },
    {
      input: [userMessage("one"), assistantMessage(`the ${word} ${HOSTILE}`)],
      usage: { input: 5100, cached: 4992 },
    },
    {
      input: [userMessage("one"), assistantMessage(`the ${word} ${HOSTILE}`), userMessage("more")],
      members: { instructions: `Do it ${word}.` },
      usage: USAGE,
    },
  ]);

async function show(
  opened: OpenPage,
  directory: string,
  options: Omit<RenderDiffOptions, "other"> & { readonly other?: BundleSource } = {},
  hash = "",
): Promise<void> {
  const { other, ...rest } = options;
  const pieces = renderDiffHtml(await readContents(run("cat")), {
    ...rest,
    other: other && (await readContents(other)),
  });
  await showFile(opened, directory, Buffer.concat([...pieces]), hash);
}

describe.skipIf(!isBrowserForm)("a page of differences", () => {
  test.each([
    ["light", 1280],
    ["dark", 400],
  ] as const)(
    "[trace-viewer/differences] requests of one run, %s, %i pixels: what missed the cache, keys, links, nothing loaded or run",
    async (scheme, width) => {
      await using directory = await temporaryDirectory();
      await using browser = await launch();
      const opened = await emptyPage(browser, { scheme, width });
      const { page, requested, problems } = opened;
      // The first one that is worth a look is shown at once; on a narrow screen the list comes before it.
      await show(opened, directory.path, {}, width < 760 ? "#pair=3" : "");
      await page.waitForSelector(".text-diff");
      expect(await page.textContent(".verdict")).toContain("instructions changed");
      expect(await page.textContent(".first-difference")).toContain("/instructions at byte 5");
      expect(await page.textContent(".text-diff ins")).toContain(" cat");
      expect(await axeProblems(page)).toEqual([]);
      await page.keyboard.press("k");
      await expect.poll(() => new URL(page.url()).hash).toBe("#pair=2");
      await page.waitForSelector(".card.new");
      expect(await page.textContent(".card.new .body")).toContain(HOSTILE);
      await page.keyboard.press("f");
      await expect.poll(() => new URL(page.url()).hash).toBe("#pair=3");
      await page.goBack();
      await expect.poll(() => page.textContent("h2")).toBe("Request 2 compared with request 1");
      await page.keyboard.press("Escape");
      await page.waitForSelector("#pair-1[aria-selected=true]");
      expect(await page.locator("[role=option]").count()).toBe(3);
      expect(await axeProblems(page)).toEqual([]);
      await page.click(".toggle");
      await expect.poll(() => page.locator("[role=option]").count()).toBe(1);
      expect(await page.evaluate(() => "stolen" in globalThis)).toBe(false);
      expect(await page.locator("#app img, #app script, #app a[href]").count()).toBe(0);
      expect(await page.evaluate(() => document.documentElement.scrollWidth > innerWidth)).toBe(
        false,
      );
      expect(problems).toEqual([]);
      expect(requested).toHaveLength(1);
    },
  );

  test("[trace-viewer/differences] two requests, and two runs, equal and not", async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const opened = await emptyPage(browser);
    const { page, problems } = opened;
    await show(opened, directory.path, { requests: [1, 3] });
    await page.waitForSelector(".text-diff");
    expect(await page.textContent("h1")).toBe("Request 3 compared with request 1");
    expect(await page.textContent(".diff-head")).toContain("1 item the same · 2 added");
    expect(await axeProblems(page)).toEqual([]);
    await show(opened, directory.path, { other: run("cat") });
    await page.waitForSelector(".same-run");
    expect(await page.textContent(".title")).toContain("equal, but for ids and times");
    await show(opened, directory.path, { other: run("dog") });
    await page.waitForSelector(".text-diff");
    expect(await page.textContent(".title")).toContain("2 of 3 requests differ");
    expect(await page.textContent(".text-diff del")).toBe("cat");
    expect(await page.textContent(".text-diff ins")).toBe("dog");
    expect(problems).toEqual([]);
  });
});

import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reduceBundle } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { largeRun, longItem, longSession, manyTexts } from "../support/large.ts";
import { renderWhole } from "../support/render.ts";
import { workOf } from "./measure.ts";
import { follow, isBrowserForm, launch, openTrace } from "./support.ts";

/** How much slower than in a test the slowest machine is that still has to pass. */
const PATIENCE = 5;
/** The same for what takes a fraction of a second: processors that are shared take longer for the same work, too. */
const BUSY = 2;

/** Says what was measured: the bounds below are those of a busy machine. */
function figure(what: string, value: number, unit: string): number {
  console.info(`measured: ${what} ${value.toFixed(value < 10 ? 1 : 0)} ${unit}`);
  return value;
}

/** Opens the page again, until it is ready to be used. */
async function openAgain(page: Page): Promise<void> {
  await page.reload();
  await page.waitForFunction(() => "codexTrace" in globalThis);
}

/** Megabytes of the page's objects, after a collection. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1_000_000;
}

/** What the page works, in milliseconds, until one of these requests is shown; the middle one of them. */
async function costOfRequest(page: Page, requests: readonly number[]): Promise<number> {
  const costs: number[] = [];
  for (const request of requests) {
    const { cpu } = await workOf(page, async () => {
      await follow(page, `#r=${request}`);
      await page.waitForSelector(`.cards[data-request="${request}"] .card .body`);
    });
    costs.push(cpu);
  }
  return costs.toSorted((left, right) => left - right)[costs.length >> 1] ?? Infinity;
}

const STEPS = 120;

/** Scrolls through a list, a screen at a time and in leaps, and lets each step be drawn. */
function scrollThrough(page: Page, selector: string): Promise<void> {
  return page.evaluate(
    async ([list, steps]) => {
      const element = document.querySelector(list);
      if (element === null) throw new Error("no such list");
      for (let step = 0; step < steps; step += 1) {
        element.scrollTop += step % 10 === 9 ? element.scrollHeight / 12 : 300;
        await new Promise((resolve) => requestAnimationFrame(resolve));
      }
    },
    [selector, STEPS] as const,
  );
}

describe.skipIf(!isBrowserForm)("large runs", () => {
  test("[trace-viewer/VW-2] 1000 requests: a small file that opens at once, and so does each request", async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const source = longSession(1000);
    const cpu = async (act: () => Promise<unknown>): Promise<number> => {
      const before = process.cpuUsage();
      await act();
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1_000_000;
    };
    const reduced = await cpu(() => reduceBundle(source));
    let page: Buffer = Buffer.alloc(0);
    const rendered = await cpu(async () => {
      page = await renderWhole(source);
    });
    figure("building over reducing, processor time", rendered / reduced, "x");
    expect(rendered).toBeLessThan(reduced * 3 + PATIENCE);
    const file = join(directory.path, "page.html");
    writeFileSync(file, page);
    expect(statSync(file).size).toBeLessThanOrEqual(1_000_000);
    const opened = await openTrace(browser, directory.path, longSession(1000));
    const opening = await workOf(opened.page, () => openAgain(opened.page));
    expect(figure("1000 requests open in", opening.cpu, "ms")).toBeLessThan(1500);
    const request = await costOfRequest(opened.page, [1000, 1, 500, 250, 750]);
    expect(figure("one of them", request, "ms")).toBeLessThan(100 * BUSY);
    expect(figure("heap of 1000 requests", await heapOf(opened.page), "MB")).toBeLessThan(150);
    expect(await opened.page.locator(".card").count()).toBeLessThan(60);
  });

  test.runIf(isLongForm)(
    "[trace-viewer/VW-3] 10,000 requests of 20 agents open, scroll, and are reached",
    async () => {
      await using directory = await temporaryDirectory();
      await using browser = await launch();
      const { page, problems } = await openTrace(browser, directory.path, largeRun(10_000, 20));
      const opening = await workOf(page, () => openAgain(page));
      expect(figure("10,000 requests open in", opening.cpu, "ms")).toBeLessThan(4000);
      expect(await page.getAttribute(".requests", "aria-rowcount")).toBe("20000");
      const scrolling = await workOf(page, () => scrollThrough(page, ".requests"));
      expect(figure("a frame of scrolling", scrolling.cpu / STEPS, "ms")).toBeLessThan(50);
      expect(await page.locator(".row").count()).toBeLessThan(80);
      const request = await costOfRequest(page, [9990, 1, 5000, 2500, 7500]);
      expect(figure("one of 10,000 requests", request, "ms")).toBeLessThan(100 * BUSY);
      expect(figure("heap of 10,000 requests", await heapOf(page), "MB")).toBeLessThan(400);
      await page.keyboard.press("K");
      expect(problems).toEqual([]);
    },
  );

  test("[trace-viewer/VW-13] 20 MB are searched in slices, only what may have the word is read, and a search can be stopped", async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const { page } = await openTrace(browser, directory.path, manyTexts());
    const status = () => page.textContent(".list [role=status]");
    const searching = await workOf(page, async () => {
      await page.fill("#search", "needle");
      await expect.poll(status, { timeout: 200_000 }).toMatch(/^35 hitsclose$/);
    });
    expect(figure("20 MB searched in", searching.cpu, "ms")).toBeLessThan(3000);
    expect(figure("longest task of the search", searching.longestTask, "ms")).toBeLessThan(200);
    // Its first hit is the fourth text of 350, and is shown while the search goes on. All texts have the word.
    const seen = await page.evaluate(async () => {
      const field = document.querySelector<HTMLInputElement>("#search");
      const list = document.querySelector(".list");
      if (field === null || list === null) throw new Error("no search");
      const states: string[] = [];
      const observer = new MutationObserver(() => {
        const state = list.querySelector("[role=status]")?.textContent ?? "";
        if (states.at(-1) !== state) states.push(state);
        if (states.length === 3) list.querySelector<HTMLElement>("[role=status] button")?.click();
      });
      observer.observe(list, { childList: true, subtree: true, characterData: true });
      field.value = "lorem";
      field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      while (states.length < 3) await new Promise((resolve) => setTimeout(resolve, 10));
      return states;
    });
    expect(
      seen.filter((state) => /^[1-9]\d* hits? … \d+ %stop$/.test(state)).length,
    ).toBeGreaterThan(0);
    await page.waitForSelector(".requests");
    expect(await page.locator(".hit").count()).toBe(0);
    // One that was stopped reads no further: all but a few blocks stay unread.
    const read = await page.evaluate(async () => {
      const field = document.querySelector<HTMLInputElement>("#search");
      if (field === null) throw new Error("no search");
      const counter = { blocks: 0 };
      const Original = globalThis.DecompressionStream;
      globalThis.DecompressionStream = class extends Original {
        constructor(format: CompressionFormat) {
          super(format);
          counter.blocks += 1;
        }
      };
      const search = (text: string): void => {
        field.value = text;
        field.dispatchEvent(new InputEvent("input", { bubbles: true }));
      };
      search("ipsum");
      while (counter.blocks < 3) await new Promise((resolve) => setTimeout(resolve, 1));
      search("");
      const atStop = counter.blocks;
      for (let last = -1; last !== counter.blocks;) {
        last = counter.blocks;
        await new Promise((resolve) => setTimeout(resolve, 700));
      }
      return {
        afterStop: counter.blocks - atStop,
        all: document.querySelectorAll("script[id^=b]").length,
      };
    });
    expect(read.all).toBeGreaterThan(50);
    expect(read.afterStop).toBeLessThan(5);
  });

  test("[trace-viewer/VW-4] 5 MB in one item are shown cut, and whole on request", async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const { page, problems } = await openTrace(browser, directory.path, longItem());
    const opening = await workOf(page, async () => {
      await openAgain(page);
      await page.waitForSelector(".card .more");
    });
    expect(figure("longest task of opening 5 MB", opening.longestTask, "ms")).toBeLessThan(200);
    await page.waitForSelector(".card .more");
    expect((await page.locator(".card[data-item-id] .body").textContent())?.length).toBeLessThan(
      5000,
    );
    const showing = await workOf(page, async () => {
      await page.click(".card[data-item-id] .more");
      // The last piece arrives many frames later; in between the page goes on.
      await page.waitForFunction(() =>
        document
          .querySelector(".card[data-item-id] .piece:last-of-type")
          ?.textContent.endsWith("the end"),
      );
    });
    expect(figure("longest task of showing 5 MB", showing.longestTask, "ms")).toBeLessThan(200);
    expect((await page.locator(".card[data-item-id] .body").textContent())?.length).toBeGreaterThan(
      5_400_000,
    );
    // A hit at its very end is brought into view, though it comes into the page last.
    await page.fill("#search", "the end");
    await page.click(".hit");
    await page.waitForSelector(".card.pointed mark");
    expect(problems).toEqual([]);
  });
});

import { statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { reduceBundle } from "@codex-ts/rollout-trace";
import { isLongForm, temporaryDirectory } from "@codex-ts/test-support";
import type { Page } from "playwright-core";
import { describe, expect, test } from "vitest";
import { largeRun } from "../support/large.ts";
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

/** Says what was measured: the bounds below are those of a busy machine. */
function figure(what: string, value: number, unit: string): number {
  console.info(`measured: ${what} ${value.toFixed(value < 10 ? 1 : 0)} ${unit}`);
  return value;
}

/**
 * Milliseconds of processor time that the page's main thread takes for something. On a busy machine it says what the page
 * does; the clock says what the machine does besides.
 */
async function processorTime(page: Page, act: () => Promise<unknown>): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("Performance.enable", { timeDomain: "threadTicks" });
  const taken = async (): Promise<number> => {
    const { metrics } = await session.send("Performance.getMetrics");
    return (metrics.find(({ name }) => name === "TaskDuration")?.value ?? 0) * 1000;
  };
  const before = await taken();
  await act();
  return (await taken()) - before;
}

/** Opens the page again, until it is ready to be used. */
const openAgain = (page: Page): Promise<number> =>
  processorTime(page, async () => {
    await page.reload();
    await page.waitForFunction(() => "codexTrace" in globalThis);
  });

/** Megabytes of the page's objects, after a collection. */
async function heapOf(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send("HeapProfiler.collectGarbage");
  const { usedSize } = await session.send("Runtime.getHeapUsage");
  return usedSize / 1_000_000;
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

/** Longest task of the page's own thread while something is done, in milliseconds. */
async function longestTask(page: Page, act: () => Promise<void>): Promise<number> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    Object.assign(globalThis, { tasks });
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) tasks.push(duration);
    }).observe({ type: "longtask" });
  });
  await act();
  return page.evaluate(async () => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return Math.max(0, ...(globalThis as unknown as { tasks: number[] }).tasks);
  });
}

describe.skipIf(!isBrowserForm)("large runs", () => {
  test("[trace-viewer/VW-2] 1000 requests: a small file that opens at once, and so does each request", async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const source = runBundle(longSession(1000));
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
    const opened = await openTrace(browser, directory.path, runBundle(longSession(1000)));
    expect(figure("1000 requests open in", await openAgain(opened.page), "ms")).toBeLessThan(1500);
    const each = await processorTime(opened.page, async () => {
      for (const request of [1000, 1, 500]) {
        await follow(opened.page, `#r=${request}`);
        await opened.page.waitForSelector(`.cards[data-request="${request}"] .card`);
      }
    });
    expect(figure("one of them", each / 3, "ms")).toBeLessThan(100 * PATIENCE);
    expect(figure("heap of 1000 requests", await heapOf(opened.page), "MB")).toBeLessThan(150);
    expect(await opened.page.locator(".card").count()).toBeLessThan(60);
  });

  test.runIf(isLongForm)(
    "[trace-viewer/VW-3] 10,000 requests of 20 agents open, scroll, and are reached",
    async () => {
      await using directory = await temporaryDirectory();
      await using browser = await launch();
      const { page, problems } = await openTrace(browser, directory.path, largeRun(10_000, 20));
      expect(figure("10,000 requests open in", await openAgain(page), "ms")).toBeLessThan(4000);
      expect(await page.getAttribute(".requests", "aria-rowcount")).toBe("20000");
      const scrolling = await processorTime(page, () => scrollThrough(page, ".requests"));
      expect(figure("a frame of scrolling", scrolling / STEPS, "ms")).toBeLessThan(50);
      expect(await page.locator(".row").count()).toBeLessThan(80);
      const last = await processorTime(page, async () => {
        await follow(page, "#r=9990");
        await page.waitForSelector('.cards[data-request="9990"] .card');
      });
      expect(figure("request 9,990", last, "ms")).toBeLessThan(100 * PATIENCE);
      expect(figure("heap of 10,000 requests", await heapOf(page), "MB")).toBeLessThan(400);
      await page.keyboard.press("K");
      expect(problems).toEqual([]);
    },
  );

  test.runIf(isLongForm)(
    "[trace-viewer/VW-13] 20 MB are searched in slices, the first hit comes early, and a search can be stopped",
    async () => {
      await using directory = await temporaryDirectory();
      await using browser = await launch();
      const part = (index: number) =>
        Array.from(
          { length: 1600 },
          (_, line) =>
            `${index}:${line} ${(index * 7919 + line * 104_729).toString(36)} lorem ipsum dolor`,
        ).join("\n");
      const texts = Array.from({ length: 350 }, (_, index) => part(index));
      const words = texts.map((text, index) => (index % 10 === 3 ? `${text} needle` : text));
      const source = runBundle([{ input: words.map((text) => userMessage(text)) }]);
      const { page } = await openTrace(browser, directory.path, source);
      const status = () => page.textContent(".list [role=status]");
      let taken = Infinity;
      const longest = await longestTask(page, async () => {
        taken = await processorTime(page, async () => {
          await page.fill("#search", "needle");
          await page.waitForSelector(".hit");
          await expect.poll(status, { timeout: 60_000 }).toMatch(/^35 hitsclose$/);
        });
      });
      expect(figure("20 MB searched in", taken, "ms")).toBeLessThan(3000);
      expect(figure("longest task of the search", longest, "ms")).toBeLessThan(200 * PATIENCE);
      // The first hit is in the fourth text of 350: it is shown while the search goes on.
      await page.fill("#search", "3:1599");
      await page.waitForSelector(".hit");
      expect(await status()).toMatch(/^\d+ hits? … \d+ %stop$/);
      await page.click(".list [role=status] button");
      await page.waitForSelector(".requests");
      expect(await page.locator(".hit").count()).toBe(0);
    },
  );

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
    const longest = await longestTask(page, async () => {
      await page.click(".card[data-item-id] .more");
      // The last piece arrives many frames later; in between the page goes on.
      await page.waitForFunction(() =>
        document
          .querySelector(".card[data-item-id] .piece:last-of-type")
          ?.textContent.endsWith("the end"),
      );
    });
    expect(figure("longest task of showing 5 MB", longest, "ms")).toBeLessThan(200 * PATIENCE);
    expect((await page.locator(".card[data-item-id] .body").textContent())?.length).toBeGreaterThan(
      text.length,
    );
    expect(problems).toEqual([]);
  });
});

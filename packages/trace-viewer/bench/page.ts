// Measures pages of large runs against the figures of docs/rules.md 22. Needs Chromium; see test/browser/support.ts.
//
//   pnpm bench:page [--runs 5] [--only small,large,item,search] [--profile]
//
// The clock counts, so the machine should have nothing else to do; what the page's own thread worked is printed beside it.
// `--profile` prints what the longest task consisted of. The last line is one JSON object with the medians.
import { parseArgs } from "node:util";
import { temporaryDirectory } from "@codex-ts/test-support";
import type { BundleSource } from "@codex-ts/rollout-trace";
import type { Page } from "playwright-core";
import { observe } from "../test/browser/measure.ts";
import type { ThreadEvent, Work } from "../test/browser/measure.ts";
import { launch, openTrace } from "../test/browser/support.ts";
import { largeRun, longItem, longSession, manyTexts } from "../test/support/large.ts";

const { values } = parseArgs({
  options: {
    runs: { type: "string", default: "5" },
    only: { type: "string", default: "small,large,item,search" },
    profile: { type: "boolean", default: false },
  },
});
const results: Record<string, Work> = {};

await using browser = await launch();
await using directory = await temporaryDirectory();

const print = (line: string): void => void process.stdout.write(`${line}\n`);

async function section(
  name: string,
  source: () => BundleSource,
  measure: (page: Page) => Promise<void>,
): Promise<void> {
  if (!values.only.split(",").includes(name)) return;
  const { page, problems } = await openTrace(browser, directory.path, source());
  await measure(page);
  for (const problem of problems) print(`PROBLEM ${problem}`);
  await page.context().close();
}

/** Measures the same several times, with what has to come before each, and prints the medians. */
async function row(
  name: string,
  page: Page,
  act: () => Promise<unknown>,
  before: () => Promise<unknown> = () => Promise.resolve(),
): Promise<void> {
  const runs: Work[] = [];
  let longest: readonly ThreadEvent[] = [];
  for (let run = 0; run < Number(values.runs); run += 1) {
    await before();
    await page.waitForTimeout(300);
    const { work, events } = await observe(page, act);
    runs.push(work);
    longest = events;
  }
  const middle = (of: (work: Work) => number): number =>
    Math.round(runs.map(of).toSorted((a, b) => a - b)[runs.length >> 1] ?? 0);
  const work = {
    wall: middle(({ wall }) => wall),
    cpu: middle(({ cpu }) => cpu),
    longestTask: middle(({ longestTask }) => longestTask),
    tasks: middle(({ tasks }) => tasks),
  };
  results[name] = work;
  print(
    `${name.padEnd(44)} ${String(work.wall).padStart(6)} ms  cpu ${String(work.cpu).padStart(5)} ms  longest task ${String(work.longestTask).padStart(4)} ms  ${work.tasks} tasks`,
  );
  if (values.profile) printLongest(longest);
}

/** What the longest task did, by the processor time of its parts. */
function printLongest(events: readonly ThreadEvent[]): void {
  const task = events
    .filter(({ name }) => name === "RunTask")
    .toSorted((left, right) => (right.tdur ?? 0) - (left.tdur ?? 0))[0];
  if (task === undefined) return;
  const parts = new Map<string, number>();
  for (const { name, ts, tdur = 0 } of events)
    if (ts >= task.ts && ts < task.ts + (task.dur ?? 0) && name !== "RunTask")
      parts.set(name, (parts.get(name) ?? 0) + tdur / 1000);
  const sorted = [...parts].toSorted(([, left], [, right]) => right - left);
  print(
    `    ${sorted
      .slice(0, 8)
      .map(([name, ms]) => `${name} ${ms.toFixed(0)}`)
      .join(", ")}`,
  );
}

async function reopen(page: Page): Promise<void> {
  await page.reload();
  await page.waitForFunction(() => "codexTrace" in globalThis);
  await page.waitForSelector(".card[data-item-id] .body");
}

async function goTo(page: Page, request: number): Promise<void> {
  await page.evaluate((number) => {
    location.hash = `#r=${number}`;
  }, request);
  await page.waitForSelector(`.cards[data-request="${request}"] .card .body`);
}

await section(
  "small",
  () => longSession(1000),
  async (page) => {
    await row("1,000 requests: first content", page, () => reopen(page));
    for (const request of [1000, 1, 500])
      await row(
        `1,000 requests: request ${request}`,
        page,
        () => goTo(page, request),
        () => goTo(page, 250),
      );
  },
);
await section(
  "large",
  () => largeRun(10_000, 20),
  async (page) => {
    await row("10,000 requests: first content", page, () => reopen(page));
    await row(
      "10,000 requests: request 9990",
      page,
      () => goTo(page, 9990),
      () => goTo(page, 1),
    );
    await row("10,000 requests: 60 frames of scrolling", page, () =>
      page.evaluate(async () => {
        const list = document.querySelector(".requests");
        if (list === null) throw new Error("no list");
        for (let step = 0; step < 60; step += 1) {
          list.scrollTop += step % 10 === 9 ? list.scrollHeight / 12 : 300;
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
      }),
    );
    await row(
      "10,000 requests: first hit, early",
      page,
      () => find(page, "answer 7"),
      () => stop(page),
    );
    await row(
      "10,000 requests: first hit, late",
      page,
      () => find(page, "answer 9998"),
      () => stop(page),
    );
    await row("10,000 requests: next request", page, () => page.keyboard.press("j"));
  },
);
await section("item", longItem, async (page) => {
  await row("5 MB in an item: first content", page, () => reopen(page));
  await row(
    "5 MB in an item: all of it",
    page,
    async () => {
      await page.click(".card[data-item-id] .more");
      await page.waitForFunction(() =>
        document
          .querySelector(".card[data-item-id] .piece:last-of-type")
          ?.textContent.endsWith("the end"),
      );
    },
    () => reopen(page),
  );
});
await section("search", manyTexts, async (page) => {
  await row(
    "20 MB: first hit, early",
    page,
    () => find(page, "needle"),
    () => reopen(page),
  );
  await row(
    "20 MB: first hit, in the last block",
    page,
    () => find(page, "haystack 349"),
    () => reopen(page),
  );
  await row(
    "20 MB: all hits",
    page,
    async () => {
      await page.fill("#search", "needle");
      await page.waitForFunction(
        () => document.querySelector(".list [role=status]")?.textContent === "35 hitsclose",
      );
    },
    () => stop(page),
  );
});
print(JSON.stringify(results));

async function find(page: Page, word: string): Promise<void> {
  await page.fill("#search", word);
  await page.waitForSelector(".hit");
}

async function stop(page: Page): Promise<void> {
  await page.fill("#search", "");
  await page.waitForSelector(".hit", { state: "detached" });
}

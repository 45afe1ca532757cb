import { type TemporaryDirectory, temporaryDirectory } from "@codex-ts/test-support";
import type { BundleSource } from "@codex-ts/rollout-trace";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { eventfulRun } from "../support/scenes.ts";
import { compactedRun, triedRun } from "../support/tries.ts";
import { axeProblems, follow, isBrowserForm, launch, openTrace } from "./support.ts";

describe.skipIf(!isBrowserForm)("tries of a request and compactions in the page", () => {
  let directory: TemporaryDirectory;
  let browser: Browser;
  beforeAll(async () => {
    directory = await temporaryDirectory();
    browser = await launch();
  });
  afterAll(async () => {
    await browser.close();
    await directory[Symbol.asyncDispose]();
  });
  const open = async (source: BundleSource, hash: string): Promise<Page> => {
    const opened = await openTrace(browser, directory.path, source, { hash });
    expect(opened.problems).toEqual([]);
    return opened.page;
  };
  const at = (page: Page) => page.textContent(".ids-of");

  test("[trace-viewer/compactions] a row, a count, a badge of the verdict, and a hit of the search", async () => {
    const page = await open(compactedRun(), "#r=1");
    const row = page.locator(".compaction-row");
    expect(await row.textContent()).toMatch(
      /compaction, 590 ms.*after 1.*before 2.*\d\d:\d\d:\d\d/,
    );
    expect(await row.getAttribute("title")).toMatch(/^\d{4}-.* UTC$/);
    const order = await page
      .locator(".requests .request-row, .requests .compaction-row")
      .evaluateAll((rows) => rows.map(({ id }) => id));
    expect(order).toEqual(["request-0", "", "request-1", "request-2"]);
    await row.getByRole("button", { name: "request 2" }).click();
    expect(await at(page)).toBe("Request 2");
    await page.waitForSelector(".first-difference");
    expect(await page.textContent(".verdict")).toContain("history was compacted");
    await page.keyboard.press("j");
    await page.waitForSelector(".verdict");
    expect(await page.textContent(".verdict")).not.toContain("compacted");
    await page.fill("#search", "compaction");
    await page.waitForSelector(".hit");
    expect(await page.textContent(".hit")).toMatch(/request 2.*compaction/);
    await follow(page, "#view=session");
    const session = await page.textContent("[aria-label=Session]");
    expect(session).toContain("compactions1 (1 only in the wire log)");
    expect(session).toMatch(/cannot say.*What compactions made of the history/);
    const failed = await open(compactedRun({ outcome: "failed" }), "#r=2&tab=diff");
    await failed.waitForSelector(".verdict");
    expect(await failed.textContent(".compaction-row")).toContain("compaction failed");
    expect(await failed.textContent(".verdict")).not.toContain("history was compacted");
  });

  // In a state of schema 1 an item with another id is the same one, in later ones it is another.
  test.each([1, 2])(
    "[trace-viewer/changes] schema %d: Seen and Diff count the same, and both name the number of an item",
    async (schema) => {
      const page = await open(compactedRun({ schema }), "#r=2&tab=seen");
      await page.waitForSelector(".card");
      const counts = "1 changed: only the id";
      const seen = await page.textContent(".summary");
      expect(seen).toContain(`1 new since request 1, ${counts}, 1 removed`);
      await follow(page, "#r=2&tab=diff");
      await page.waitForSelector(".first-difference");
      expect(await page.textContent(".summary")).toContain(`1 added · ${counts} · 1 removed`);
      expect(await page.textContent(".first-difference")).toContain("item 1 (/input/0/id)");
      expect(await page.textContent(".verdict")).toContain("item 1 (/input/0/id) differs");
    },
  );

  test("[trace-viewer/changes] what is a guess about the cache reads as one", async () => {
    const page = await open(compactedRun(), "#r=3&tab=diff");
    await page.waitForSelector(".verdict");
    expect(await page.textContent(".verdict")).toMatch(
      /perhaps expired or evicted.*about 2,944 were expected/,
    );
  });

  test("[trace-viewer/tries] rows say why each try failed, and once how often the request was sent", async () => {
    const page = await open(triedRun(), "#r=2&tab=wire");
    const rows = await page.locator(".request-row").allTextContents();
    expect(rows.map((row) => /silent 4.3 s|closed 1011|400 invalid_value/.exec(row)?.[0])).toEqual([
      undefined,
      "silent 4.3 s",
      "closed 1011",
      "400 invalid_value",
    ]);
    expect(rows.filter((row) => row.includes("sent 3 times"))).toHaveLength(1);
    expect(rows.join(" ")).not.toContain("last of all errors");
    await page.waitForSelector(".attempt");
    // What the bar shows as silence is what the session adds up.
    const bars = await page
      .locator(".attempt .bar")
      .evaluateAll((all) => all.map((bar) => bar.getAttribute("aria-label")));
    expect(bars[0]).toMatch(/streaming 130 ms, silence 4\.3 s, waiting to try again 200 ms$/);
    expect(bars.join().match(/silence/g)).toHaveLength(1);
    const attempts = await page
      .locator(".attempt")
      .evaluateAll((all) => all.map((each) => (each as HTMLElement).innerText));
    expect(attempts[0]).toContain("silent for 4.3 s after response.output_text.delta");
    expect(attempts.find((each) => each.startsWith("try 2"))).toContain(
      "closed 1011 by the server: upstream timeout",
    );
    expect(await page.textContent(".ids")).toContain("response_idresp_begun");
    expect(await page.textContent(".diagnosis")).toContain("x-request-idreq_refused");
  });

  test("[trace-viewer/tries] the session does not contradict itself", async () => {
    const page = await open(triedRun(), "#view=session");
    const session = await page.textContent("[aria-label=Session]");
    expect(session).toContain("status1 of 1 turn failedrecordingcompleted");
    expect(session).toContain("4.3 s in silence");
    expect(session).toContain("over HTTP1 try, 1 failed");
    expect(session).toContain("over WebSocket3 tries, 2 failed; 2 handshakes, 0 failed");
    expect(await page.locator(".diagnostics li").allTextContents()).toHaveLength(1);
    const later = await open(triedRun({ schema: 2 }), "#view=session");
    expect(await later.textContent("[aria-label=Session]")).not.toContain("cannot say");
  });

  test("[trace-viewer/ids] the id of a connection leads to all its requests, in either form", async () => {
    for (const id of ["req_socket", encodeURIComponent("ws:req_socket#2")]) {
      const page = await open(triedRun(), `#upstream=${id}`);
      expect(await at(page)).toBe("Request 1");
      await page.waitForSelector(".hit");
      const hits = await page.locator(".hit strong").allTextContents();
      expect(hits).toEqual(["request 1", "request 2"]);
    }
    const alone = await open(triedRun(), "#upstream=req_second");
    expect(await at(alone)).toBe("Request 3");
  });

  test("[trace-viewer/VW-13] Enter and Arrow-down in the search go to the first hit, also of a search that runs", async () => {
    const page = await open(eventfulRun(), "#r=1");
    for (const key of ["Enter", "ArrowDown"]) {
      await page.fill("#search", "NEEDLE IS");
      await page.press("#search", key);
      await expect.poll(() => at(page)).toBe("Request 2");
      await page.waitForSelector('.hit[aria-current="true"]');
      await page.fill("#search", "");
      await follow(page, "#r=1");
    }
  });

  test("[trace-viewer/VW-7] axe finds nothing in rows of compactions, marks of changes and the diagnosis", async () => {
    for (const [source, hash] of [
      [compactedRun({ schema: 2 }), "#r=2"],
      [compactedRun(), "#r=2&tab=diff"],
      [triedRun(), "#r=2&tab=wire"],
    ] as const) {
      const page = await open(source, hash);
      await page.waitForSelector(".card, .attempt");
      expect(await axeProblems(page)).toEqual([]);
    }
  });

  test("[trace-viewer/filters] a filter selects the first match, lines end in an ellipsis, the tip is whole", async () => {
    const page = await open(triedRun(), "#r=1");
    await page.click(".filters .toggle");
    expect(await at(page)).toBe("Request 2");
    await page.click("#request-2");
    await page.click(".filters .toggle");
    expect(await at(page)).toBe("Request 3");
    expect(await page.textContent(".timeline .bar-key")).toMatch(/request.*tool.*compaction/);
    const box = await page.locator("canvas").first().boundingBox();
    await page.mouse.move((box?.x ?? 0) + 700, (box?.y ?? 0) + (box?.height ?? 0) - 4);
    const isSeen = await page.locator(".tip").evaluate((tip) => {
      const { left, right, bottom } = tip.getBoundingClientRect();
      // What is cut off at the edge of another box is not what a point there hits.
      (tip as HTMLElement).style.pointerEvents = "auto";
      return document.elementFromPoint((left + right) / 2, bottom - 2) === tip;
    });
    expect(isSeen).toBe(true);
    const spawned = await open(compactedRun(), "#r=1");
    expect(await spawned.textContent(".tool-row")).toContain("front: Look at the front.");
    const overflow = await spawned
      .locator(".second .muted")
      .first()
      .evaluate((line) => getComputedStyle(line).textOverflow);
    expect(overflow).toBe("ellipsis");
  });
});

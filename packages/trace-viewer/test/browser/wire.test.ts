import { type TemporaryDirectory, temporaryDirectory } from "@codex-ts/test-support";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { HOSTILE_MESSAGE, tornWire, wiredRun } from "../support/wire.ts";
import { axeProblems, clipboard, follow, isBrowserForm, launch, openTrace } from "./support.ts";

describe.skipIf(!isBrowserForm)("[trace-viewer/wire] the wire log in the page", () => {
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
  const open = async (hash: string, wire?: string): Promise<Page> => {
    const opened = await openTrace(browser, directory.path, wiredRun(wire), { hash });
    await opened.page.waitForSelector(".attempt, .note, .facts");
    expect(opened.problems).toEqual([]);
    return opened.page;
  };
  test("every attempt stands with its outcome, times in words, and the id to look it up by", async () => {
    const page = await open("#r=2&tab=wire");
    const names = await page.locator(".attempt strong").allTextContents();
    expect(names).toEqual(["try 1", "try 2"]);
    const [first, second] = await page.locator(".attempt").allTextContents();
    expect(first).toMatch(/500.*61 ms.*req_bad.*then 40 ms until try 2 of 5/s);
    expect(second).toMatch(/200.*completed.*120 ms.*req_good/s);
    const bars = page.locator(".attempt .bar");
    expect(await bars.first().getAttribute("aria-label")).toBe(
      "credentials 1 ms, connecting 19 ms, sending 1 ms, waiting for the response 39 ms, until it ended 1 ms, waiting to try again 40 ms",
    );
    // The second try begins where the first and the wait behind it end.
    const places = await bars.evaluateAll((all) =>
      all.map((bar) => {
        const whole = bar.getBoundingClientRect();
        const parts = [...bar.children].map((part) => part.getBoundingClientRect());
        return {
          from: (Math.min(...parts.map(({ left }) => left)) - whole.left) / whole.width,
          to: (Math.max(...parts.map(({ right }) => right)) - whole.left) / whole.width,
        };
      }),
    );
    expect(places[0]?.from).toBeCloseTo(0, 2);
    expect(places[0]?.to).toBeCloseTo(101 / 225, 1);
    expect(places[1]?.from).toBeCloseTo(105 / 225, 1);
    expect(places[1]?.to).toBeCloseTo(1, 2);
    await page.locator(".attempt details summary").first().click();
    const details = await page.locator(".attempt details").first().textContent();
    expect(details).toMatch(
      /cf-ray.*ray_bad.*1,234 bytes.*authorization.*not kept.*server.*cloudflare/s,
    );
    await page.locator(".attempt button.copy").first().click();
    expect(await clipboard(page)).toBe("req_bad");
    await page.click("text=Copy ids of the attempts");
    expect(await clipboard(page)).toMatch(/^x-request-id req_bad, cf-ray ray_bad, thread thread/);
  });

  test("a request over a WebSocket is named by its connection, never by an id of its own", async () => {
    const page = await open("#r=1&tab=wire");
    expect(await page.textContent(".ids")).toContain("x-request-id of the connectionreq_hand");
    await page.keyboard.press("C");
    expect(await clipboard(page)).toBe("req_hand");
    const attempt = await page.textContent(".attempt");
    expect(attempt).toContain("x-request-id of the connection");
    expect(attempt).not.toMatch(/x-request-idreq_/);
  });

  test("f finds a request that was sent again, whose id is that of its last try", async () => {
    const page = await open("#r=1&tab=wire");
    await page.keyboard.press("f");
    await page.waitForSelector("#request-1[aria-selected=true]");
    expect(await page.textContent(".ids")).toContain("of the last try");
  });

  test("list and turn say why a request failed, and texts of a server stay texts", async () => {
    const page = await open("#r=3&tab=wire");
    const row = await page.textContent("#request-2");
    expect(row).toContain("The server refused the request (400 bad)");
    expect(await page.textContent("#request-1")).toContain("sent 2 times");
    expect(await page.textContent("#request-0")).toContain("first event 80 ms");
    expect(await page.textContent(".diagnosis")).toContain(HOSTILE_MESSAGE);
    expect(await page.locator("img").count()).toBe(0);
    await page.fill("#search", "onerror=alert");
    await page.waitForSelector(".hit");
    expect(await page.textContent(".hit")).toContain("wire");
  });

  test("the session has the totals, and what is no request of the list", async () => {
    const page = await open("#view=session");
    const text = await page.textContent("[aria-label=Session]");
    expect(text).toContain("over HTTP3 tries, 2 failed");
    expect(text).toContain(
      "over WebSocket1 try, 0 failed; 1 warm-up, 0 failed; 1 handshake, 0 failed",
    );
    expect(text).toContain("request 3 bad_request");
    expect(text).not.toContain("no wire log beside it");
    await page.click("[aria-label=Session] details summary");
    await page.waitForSelector("[aria-label=Session] .attempt");
    expect(await page.locator("[aria-label=Session] .attempt strong").allTextContents()).toEqual([
      "handshake",
      "warm-up",
    ]);
  });

  test("[trace-viewer/VW-8] a log that ends in the middle says so", async () => {
    const page = await open("#r=1&tab=wire", tornWire());
    expect(await page.textContent(".attempt")).toContain("never ended");
    await follow(page, "#r=2&tab=wire");
    expect(await page.textContent("#panel")).toContain("has nothing of this request");
    await follow(page, "#view=session");
    // The cut line, and the end that the trace has and the log has not.
    expect(await page.textContent("[aria-label=Session]")).toContain("2 problems in the wire log");
  });

  test.each(["light", "dark"] as const)(
    "[trace-viewer/VW-7] axe finds nothing in it, %s, and 400 pixels are enough",
    async (scheme) => {
      for (const width of [1280, 400]) {
        const { page } = await openTrace(browser, directory.path, wiredRun(), { scheme, width });
        for (const place of ["#r=1&tab=wire", "#r=2&tab=wire", "#r=3&tab=wire", "#view=session"]) {
          await follow(page, place);
          await page.evaluate(() => {
            for (const each of document.querySelectorAll("details")) each.open = true;
          });
          const found = await axeProblems(page);
          expect(found.map((each) => `${width} ${place} ${each}`)).toEqual([]);
          const isTooWide = await page.evaluate(
            () => document.documentElement.scrollWidth > innerWidth,
          );
          expect(isTooWide).toBe(false);
        }
      }
    },
  );
});

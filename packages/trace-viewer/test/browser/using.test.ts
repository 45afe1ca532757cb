import { memoryBundle } from "@codex-ts/rollout-trace";
import { temporaryDirectory } from "@codex-ts/test-support";
import type { TemporaryDirectory } from "@codex-ts/test-support";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { largeRun } from "../support/large.ts";
import { runFiles, userMessage } from "../support/run.ts";
import { cancelledRun, droppedRun, eventfulRun, largeNumbersRun } from "../support/scenes.ts";
import { triedRun } from "../support/tries.ts";
import { clipboard, follow, isBrowserForm, launch, openTrace, painted } from "./support.ts";

const isOn = (page: Page, tab: string) => page.waitForSelector(`#tab-${tab}[aria-selected=true]`);
const hash = (page: Page) => page.evaluate(() => location.hash);

describe.skipIf(!isBrowserForm)("using the page", () => {
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

  const open = async (at = ""): Promise<Page> =>
    (await openTrace(browser, directory.path, eventfulRun(), { hash: at })).page;

  test("[trace-viewer/VW-6] both ids are copied exactly, each by its own button and key", async () => {
    const page = await open("#r=2");
    await page.click('button[data-copies="response_id"]');
    await page.waitForSelector(".notice:not(:empty)");
    expect(await clipboard(page)).toBe("resp_2");
    await page.click('button[data-copies="x-request-id"]');
    await expect.poll(() => clipboard(page)).toBe("req_2");
    await page.keyboard.press("c");
    await expect.poll(() => clipboard(page)).toBe("resp_2");
    await page.keyboard.press("Shift+C");
    await expect.poll(() => clipboard(page)).toBe("req_2");
    // A failed request has only the transport's id, and the page does not put one in the place of the other.
    await follow(page, "#r=4");
    expect(await page.locator(".id-chip").allTextContents()).toEqual([
      "response_idnone recorded",
      "x-request-idreq_badCopy",
    ]);
  });

  test("[trace-viewer/VW-6] links restore request, tab, item and search; back and forward work", async () => {
    const page = await open("#r=2&tab=response");
    await isOn(page, "response");
    await page.click("#tab-diff");
    await page.keyboard.press("j");
    expect(await hash(page)).toBe("#r=3&tab=diff");
    await page.goBack();
    expect(await hash(page)).toBe("#r=2&tab=diff");
    await isOn(page, "diff");
    await page.goBack();
    await isOn(page, "response");
    await page.goForward();
    await isOn(page, "diff");
    const linked = await open("#upstream=req_bad");
    expect(await linked.textContent(".ids-of")).toBe("Request 4");
    const found = await open("#r=2&item=3&q=needle");
    await found.waitForSelector(".card.pointed mark");
    expect(await found.inputValue("#search")).toBe("needle");
    // What was gone to by hand is in the address, too, and there after a reload.
    const byHand = await open("#r=1");
    await byHand.fill("#search", "needle is");
    await byHand.click(".hit");
    await byHand.waitForSelector(".card.pointed mark");
    expect(await hash(byHand)).toBe("#r=2&item=3&q=needle+is");
    await byHand.click("#tab-diff");
    await byHand.fill("input.number", "3");
    await byHand.press("input.number", "Enter");
    await expect.poll(() => hash(byHand)).toBe("#r=2&tab=diff&base=3&item=3&q=needle+is");
    await byHand.reload();
    await byHand.waitForSelector(".first-difference");
    expect(await byHand.inputValue("input.number")).toBe("3");
    expect(await byHand.inputValue("#search")).toBe("needle is");
    expect(await hash(byHand)).toBe("#r=2&tab=diff&base=3&item=3&q=needle+is");
    expect(await (await open("#response=resp_3")).textContent(".ids-of")).toBe("Request 3");
    expect(await (await open("#call=call-4")).textContent(".ids-of")).toBe("Request 4");
  });

  test("[trace-viewer/VW-7] everything is reached by keys, and no key acts while typing", async () => {
    const page = await open();
    const at = () => page.textContent(".ids-of");
    await page.keyboard.press("j");
    expect(await at()).toBe("Request 2");
    await page.keyboard.press("m");
    expect(await at()).toBe("Request 3");
    await page.keyboard.press("f");
    expect(await at()).toBe("Request 4");
    await page.keyboard.press("k");
    expect(await at()).toBe("Request 3");
    for (const [key, tab] of [
      ["2", "response"],
      ["4", "wire"],
      ["6", "context"],
      ["d", "diff"],
      [".", "raw"],
      [".", "seen"],
    ] as const) {
      await page.keyboard.press(key);
      await isOn(page, tab);
    }
    await page.keyboard.press("g");
    await page.keyboard.press("l");
    await page.waitForSelector("main.view-ledger");
    await page.keyboard.press("Escape");
    await page.waitForSelector("main.view-requests");
    await page.keyboard.press("?");
    await page.waitForSelector("dialog[open]");
    await page.keyboard.press("Escape");
    await page.waitForSelector("dialog[open]", { state: "detached" });
    await page.keyboard.press("/");
    await page.keyboard.type("jfm needle");
    expect(await page.inputValue("#search")).toBe("jfm needle");
    expect(await at()).toBe("Request 3");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Escape");
    await page.waitForSelector(".requests");
    await page.focus(".requests");
    await page.keyboard.press("ArrowUp");
    expect(await at()).toBe("Request 2");
  });

  test("[trace-viewer/VW-7] every key of the help does what the help says", async () => {
    // One agent, whose second turn begins at request 21.
    const { page } = await openTrace(browser, directory.path, largeRun(22, 1));
    const tried = new Set<string>();
    const press = async (keys: string): Promise<void> => {
      tried.add(keys);
      for (const key of keys.split(" ")) await page.keyboard.press(key);
    };
    const at = () => page.textContent(".ids-of");
    for (const [key, request] of [
      ["j", 2],
      ["J", 21],
      ["K", 20],
      ["k", 19],
    ] as const) {
      await press(key);
      expect([key, await at()]).toEqual([key, `Request ${request}`]);
    }
    for (const [key, tab] of [
      ["1", "seen"],
      ["2", "response"],
      ["3", "diff"],
      ["4", "wire"],
      ["5", "raw"],
      ["6", "context"],
      ["d", "diff"],
      [".", "raw"],
    ] as const) {
      await press(key);
      await isOn(page, tab);
    }
    for (const [keys, view] of [
      ["g a", "agents"],
      ["g l", "ledger"],
      ["g s", "session"],
      ["g r", "requests"],
    ] as const) {
      await press(keys);
      await page.waitForSelector(`main.view-${view}`);
    }
    const theme = () => page.getAttribute("html", "data-theme");
    const themes = [await theme()];
    for (let turn = 0; turn < 3; turn += 1) {
      await press("t");
      themes.push(await theme());
    }
    expect(themes).toEqual(["light", "light", "dark", "light"]);
    await press("/");
    await page.keyboard.type("answer 1");
    await page.waitForSelector(".hit");
    await page.keyboard.press("Escape");
    const hit = () => page.textContent('.hit[aria-current="true"]');
    await press("n");
    const first = await hit();
    await press("n");
    expect(await hit()).not.toBe(first);
    await press("N");
    expect(await hit()).toBe(first);
    await press("Escape");
    await press("Escape");
    expect(await page.inputValue("#search")).toBe("");
    await press("?");
    await page.waitForSelector("dialog[open]");
    const shown = await page.locator("dialog kbd").allTextContents();
    await page.keyboard.press("Escape");
    const agents = await openTrace(browser, directory.path, largeRun(6, 3), { hash: "#r=2" });
    const eventful = await open("#r=1");
    for (const [opened, key, request] of [
      [agents.page, "]", 3],
      [agents.page, "[", 2],
      [eventful, "m", 3],
      [eventful, "f", 4],
    ] as const) {
      tried.add(key);
      await opened.keyboard.press(key);
      expect([key, await opened.textContent(".ids-of")]).toEqual([key, `Request ${request}`]);
    }
    // A key that the help names and that is not tried here would be one that no test knows. Copying is tested above.
    const named = shown.flatMap((keys) =>
      keys === "1 … 6" ? ["1", "2", "3", "4", "5", "6"] : keys.replace("Esc", "Escape").split("  "),
    );
    expect(named.filter((key) => !tried.has(key))).toEqual(["c", "C"]);
  });

  test("[trace-viewer/VW-7] tabs are gone through by the arrow keys, and rows of the list by theirs", async () => {
    const page = await open("#r=2");
    await page.focus("#tab-seen");
    for (const [key, tab] of [
      ["ArrowRight", "response"],
      ["ArrowRight", "diff"],
      ["ArrowLeft", "response"],
      ["ArrowLeft", "seen"],
      ["ArrowLeft", "context"],
    ] as const) {
      await page.keyboard.press(key);
      await isOn(page, tab);
      expect(await page.evaluate(() => document.activeElement?.id)).toBe(`tab-${tab}`);
    }
    await page.focus(".requests");
    await page.keyboard.press("ArrowDown");
    expect(await page.textContent(".ids-of")).toBe("Request 3");
  });

  test("[trace-viewer/VW-13] search finds what was never opened, shows where, and can be stopped", async () => {
    const page = await open("#r=1");
    await page.fill("#search", "NEEDLE IS");
    await page.waitForSelector(".hit");
    expect(await page.locator(".hit").count()).toBe(1);
    expect(await page.textContent(".hit")).toContain("src/barn.ts:12: the needle is here");
    await page.click(".hit");
    expect(await page.textContent(".ids-of")).toBe("Request 2");
    await page.waitForSelector(".card.pointed mark");
    await page.fill("#search", "/bar[nm]\\./");
    await expect.poll(() => page.locator(".hit").count()).toBeGreaterThan(1);
    await page.fill("#search", "/(/");
    await expect
      .poll(() => page.textContent(".list [role=status]"))
      .toContain("no regular expression");
    await page.click(".list [role=status] button");
    await page.waitForSelector(".requests");
  });

  test("[trace-viewer/VW-8] what failed, is missing or unfinished is said", async () => {
    const page = await open("#r=4&tab=response");
    expect(await page.textContent(".warning")).toContain("not whole");
    expect(await page.textContent(".panel .failure")).toContain(
      "stream closed before response.completed",
    );
    await page.click("#tab-wire");
    expect(await page.textContent("#panel")).toContain("has no wire log");
    await follow(page, "#r=5&tab=response");
    const running = await page.textContent("#panel");
    expect(running).toContain("still running when the recording stopped");
    expect(running).toContain("no response was recorded");
    await follow(page, "#r=3&tab=diff");
    await page.waitForSelector(".first-difference");
    expect(await page.textContent(".verdict")).toMatch(
      /instructions changed.*cached 0 of 6,100.*\/instructions differs at byte 5/,
    );
    expect(await page.textContent(".first-difference")).toContain("Do it well.");
    await follow(page, "#r=4&tab=seen");
    await painted(page);
    expect(await page.locator(".card.removed").count()).toBe(2);
  });

  test("[trace-viewer/VW-8] cancelled is told from failed, with what had arrived; what limits dropped is said", async () => {
    const { page } = await openTrace(browser, directory.path, cancelledRun(), {
      hash: "#r=1&tab=response",
    });
    const panel = () => page.innerText("#panel");
    expect(await page.getAttribute("#request-0 .status-sign", "aria-label")).toBe("cancelled");
    await expect.poll(panel).toContain("I begin with the");
    expect(await panel()).toMatch(
      /cancelled after.*Why it was cancelled.*interrupted by the user/s,
    );
    expect(await panel()).toContain("Partial output: the items that had arrived.");
    await follow(page, "#r=2&tab=response");
    expect(await panel()).toMatch(
      /failed after.*Why it failed.*reset.*No finished item had arrived/s,
    );
    const dropped = await openTrace(browser, directory.path, droppedRun());
    expect(dropped.problems).toEqual([]);
    expect(await dropped.page.textContent(".warning")).toContain(
      "some payloads did not fit into the limits of the recording",
    );
    expect(await dropped.page.innerText("#panel")).toContain("does not have this request");
    await follow(dropped.page, "#view=session");
    expect(await dropped.page.textContent("[aria-label=Session]")).toMatch(
      /cannot say.*some payloads did not fit.*What 1 request sent/,
    );
  });

  test("[trace-viewer/VW-8] an agent whose turn failed has not succeeded, and what it used is unknown, not 0", async () => {
    const files = runFiles([{ input: [userMessage("one")], failure: "refused" }]);
    const log = "trace.jsonl";
    const ended = '"codex_turn_ended","codex_turn_id":"turn","status":';
    const text = files[log]?.replace(`${ended}"completed"`, `${ended}"failed"`) ?? "";
    const source = memoryBundle({ ...files, [log]: text });
    const { page } = await openTrace(browser, directory.path, source, { hash: "#view=agents" });
    const cells = page.locator("[aria-label=Agents] tbody tr td");
    expect((await cells.allTextContents()).slice(0, 7)).toEqual([
      "✕ 1 of 1 turn failed",
      "1",
      "–",
      "–",
      "–",
      "–",
      "–",
    ]);
  });

  test("[trace-viewer/VW-8] a failed request says why at the top of whatever tab is open", async () => {
    for (const [source, request, why] of [
      [eventfulRun(), 4, "stream closed before response.completed"],
      [triedRun(), 2, "silent 4.3 s"],
      [triedRun(), 4, "400 invalid_value"],
    ] as const) {
      const { page } = await openTrace(browser, directory.path, source, { hash: `#r=${request}` });
      for (const tab of ["seen", "response", "diff", "wire", "raw", "context"]) {
        await follow(page, `#r=${request}&tab=${tab}`);
        await isOn(page, tab);
        const beginning = async (): Promise<string> =>
          `${tab}: ${(await page.innerText("#panel")).slice(0, 250)}`;
        await expect.poll(beginning).toContain(why);
      }
      await follow(page, `#r=${request}`);
      await page.click(".why button");
      expect(await page.textContent("#panel")).toContain(why);
      await follow(page, "#r=1");
      expect(await page.locator(".why").count()).toBe(0);
    }
  });

  test("[trace-viewer/times] list, tabs and ledger say the same of how long a request took and when its first event came", async () => {
    const { page } = await openTrace(browser, directory.path, triedRun(), { hash: "#view=ledger" });
    const columns = await page.locator("thead").first().locator("th").allTextContents();
    const cells = async (name: string): Promise<readonly string[]> =>
      page
        .locator(`[aria-label=Requests] td:nth-child(${columns.indexOf(name) + 1})`)
        .allTextContents();
    const [took, first] = [await cells("lasted"), await cells("first event")];
    expect(new Set(took)).toEqual(new Set(["250 ms"]));
    expect(first).toEqual(["80 ms", "80 ms", "80 ms", "–"]);
    for (const [index, time] of took.entries()) {
      await follow(page, `#r=${index + 1}&tab=wire`);
      expect(await page.textContent(`#request-${index} .time`)).toBe(time);
      expect(await page.getAttribute(`#request-${index} .time`, "title")).toBe(
        first[index] === "–" ? "" : `first event after ${first[index]}`,
      );
      expect(await page.textContent("#panel > div > .facts")).toContain(`lasted${time}`);
      await follow(page, `#r=${index + 1}&tab=response`);
      expect(await page.textContent("#panel .summary")).toContain(`after ${time}`);
    }
  });

  test("[trace-viewer/changes] unlike texts stand as wholes, like ones word by word, and what is no part of the prompt is folded", async () => {
    const { page } = await openTrace(browser, directory.path, largeNumbersRun(), {
      hash: "#r=6&tab=diff",
    });
    await page.waitForSelector(".text-diff");
    expect(await page.locator(".text-diff.whole").count()).toBe(0);
    expect(await page.textContent(".text-diff del")).toBe("5");
    await follow(page, "#r=7&tab=diff");
    await page.waitForSelector(".text-diff.whole");
    expect(await page.locator(".text-diff > *").allTextContents()).toEqual([
      expect.stringMatching(/^Please .* missing 6 times\.$/),
      expect.stringMatching(/^The build server .* had expired\.$/),
    ]);
    const metadata = page.locator('[aria-label="client_metadata changed"]');
    expect(await metadata.innerText()).toMatch(/differs in turn_id, x-codex-turn-metadata$/);
    expect((await metadata.boundingBox())?.height).toBeLessThan(80);
    await metadata.locator("summary").click();
    await expect.poll(() => metadata.locator(".text-diff").innerText()).toContain("turn-67");
  });

  test("[trace-viewer/VW-7] at 1280 pixels no column of the list or the ledger is cut off", async () => {
    const { page } = await openTrace(browser, directory.path, largeNumbersRun(), {
      render: {
        prices: { currency: "USD", per: 1_000_000, models: { "gpt-": { input: 1, output: 2 } } },
      },
    });
    const isCut = (selector: string): Promise<readonly string[]> =>
      page
        .locator(selector)
        .evaluateAll((all) =>
          all
            .filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth)
            .map(({ textContent }) => textContent),
        );
    expect(await page.locator(".requests .second").first().innerText()).toContain("first event");
    expect(await isCut(".requests .cells, .requests .clip")).toEqual([]);
    await follow(page, "#view=ledger");
    expect(await page.locator("[aria-label=Requests] th").allTextContents()).toContain(
      "first event",
    );
    expect(await isCut(".table-scroll, .table-scroll td")).toEqual([]);
  });
});

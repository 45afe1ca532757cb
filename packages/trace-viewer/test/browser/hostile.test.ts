import { temporaryDirectory } from "@codex-ts/test-support";
import { expect, test } from "vitest";
import { assistantMessage, runBundle, userMessage } from "../support/run.ts";
import { browserPath, follow, launch, openTrace } from "./support.ts";

const HOSTILE = [
  "</script><script>globalThis.stolen = 1</script>",
  "<img src=x onerror='globalThis.stolen = 1'>",
  "<!--<script>",
  "javascript:globalThis.stolen=1",
  "\u202Etxt.exe\u202C \u2028 \u2029 \u0000 \uD800 \u0007",
  "__proto__ constructor toString",
];

test.skipIf(browserPath === undefined)(
  "[trace-viewer/VW-1] texts of a trace stay texts, whatever they say, in every tab and view",
  async () => {
    await using directory = await temporaryDirectory();
    await using browser = await launch();
    const text = HOSTILE.join("\n");
    const call = { type: "function_call", name: text, arguments: text, call_id: text };
    const image = {
      type: "message",
      role: "user",
      content: [
        { type: "input_image", image_url: "https://example.invalid/pixel.png" },
        {
          type: "input_image",
          image_url: "data:image/svg+xml,<svg onload='globalThis.stolen=1'/>",
        },
      ],
    };
    const tools = [{ type: "function", name: text, description: text }];
    const source = runBundle([
      {
        input: [userMessage(text), image],
        members: { instructions: text, tools, [text]: text },
        output: [call],
        responseId: text,
        upstreamId: text,
      },
      {
        input: [userMessage(text), image, call],
        members: { instructions: `${text}!`, tools },
        failure: text,
      },
      { input: [userMessage(`${text}?`), assistantMessage(text)], members: { tools } },
    ]);
    const { page, requested, problems } = await openTrace(browser, directory.path, source);
    for (const request of [1, 2, 3])
      for (const tab of ["seen", "response", "diff", "wire", "raw", "context"]) {
        await follow(page, `#r=${request}&tab=${tab}`);
        await page.waitForSelector(`#tab-${tab}[aria-selected=true]`);
      }
    for (const view of ["agents", "ledger", "session"]) {
      await follow(page, `#view=${view}`);
      await page.waitForSelector(`main.view-${view}`);
    }
    await follow(page, "#r=1");
    await page.waitForSelector(".card");
    // What is shown is what was recorded, also where it looks like markup.
    expect(await page.locator(".card .body").first().textContent()).toContain(HOSTILE[0]);
    expect(await page.evaluate(() => "stolen" in globalThis)).toBe(false);
    expect(await page.locator("#app img, #app script, #app iframe, #app a[href]").count()).toBe(0);
    expect(problems).toEqual([]);
    expect(requested).toHaveLength(1);
  },
  // Also in the suite, whose limit is none for a browser on a busy machine.
  120_000,
);

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { temporaryDirectory } from "@codex-ts/test-support";
import { describe, expect, test } from "vitest";
import { eventfulRun } from "../support/scenes.ts";
import { follow, isBrowserForm, launch, openTrace } from "./support.ts";

const axe = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[];
  }[];
}

const PLACES = [
  // The list, which on a narrow screen stands alone.
  "",
  ...["seen", "response", "diff", "wire", "raw", "context"].flatMap((tab) => [
    `#r=3&tab=${tab}`,
    `#r=4&tab=${tab}`,
  ]),
  "#view=agents",
  "#view=ledger",
  "#view=session",
  "#r=2&q=needle&item=3",
];

describe.skipIf(!isBrowserForm)("accessibility", () => {
  // 640 is what 1280 becomes at 200 % zoom.
  test.each([
    ["light", 1280],
    ["dark", 1280],
    ["light", 400],
    ["dark", 400],
    ["light", 640],
  ] as const)(
    "[trace-viewer/VW-7] axe finds nothing in any tab, %s, %i pixels wide",
    async (scheme, width) => {
      await using directory = await temporaryDirectory();
      await using browser = await launch();
      const { page } = await openTrace(browser, directory.path, eventfulRun(), { scheme, width });
      await page.evaluate(axe);
      const found: string[] = [];
      for (const place of PLACES) {
        await follow(page, place);
        const { violations } = await page.evaluate(() =>
          (globalThis as unknown as { axe: { run(): Promise<AxeResult> } }).axe.run(),
        );
        for (const { id, nodes } of violations)
          found.push(
            `${place} ${id}: ${nodes[0]?.html.slice(0, 160)} ${nodes[0]?.failureSummary ?? ""}`,
          );
        // What a box cuts off makes no page wider.
        const tooWide = await page.evaluate(() =>
          ["html", ".top", ".list", ".request-row", ".tabs", ".detail", "#panel > *"].filter(
            (selector) =>
              [...document.querySelectorAll(selector)].some(
                (each) => Math.round(each.getBoundingClientRect().right) > innerWidth,
              ),
          ),
        );
        if (tooWide.length > 0) found.push(`${place}: ${tooWide.join()} wider than the window`);
      }
      expect(found).toEqual([]);
    },
  );
});

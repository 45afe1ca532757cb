import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";
import type { Browser, Page } from "playwright-core";
import type { BundleSource } from "@codex-ts/rollout-trace";
import type { RenderTraceOptions } from "@codex-ts/trace-viewer";
import { renderWhole } from "../support/render.ts";

const PLACES = [process.env["CHROMIUM_PATH"], "/usr/bin/chromium", "/usr/bin/chromium-browser"];

/** The installed browser; `undefined` where there is none. */
export const browserPath: string | undefined = PLACES.find(
  (path) => path !== undefined && existsSync(path),
);

/** Whether all tests in a browser run (`pnpm test:browser`); the suite has one of them. */
export const isBrowserForm: boolean =
  process.env["BROWSER_TESTS"] !== undefined && browserPath !== undefined;

if (browserPath === undefined)
  console.warn(
    "SKIPPED: the tests of the trace viewer in a browser. Install Chromium (Debian: apt-get install chromium), or name one in CHROMIUM_PATH.",
  );

export function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: browserPath ?? "", args: ["--no-sandbox"] });
}

/** A page with what it did that it must not do. */
export interface OpenPage {
  readonly page: Page;
  /** Addresses of everything that was requested, the page itself included. */
  readonly requested: string[];
  /** Messages of the console, and errors nobody caught. */
  readonly problems: string[];
}

export interface OpenOptions {
  readonly hash?: string;
  readonly scheme?: "light" | "dark";
  readonly width?: number;
  readonly height?: number;
  readonly render?: RenderTraceOptions | undefined;
}

/** On a busy machine what takes a moment takes a minute. */
const PATIENCE_MS = 200_000;

/** Renders a bundle into `directory` and opens the page from there. */
export async function openTrace(
  browser: Browser,
  directory: string,
  source: BundleSource,
  { hash = "", render, ...options }: OpenOptions = {},
): Promise<OpenPage> {
  const opened = await emptyPage(browser, options);
  await showTrace(opened, { directory, source, hash, render });
  return opened;
}

/** A page that shows nothing yet. */
export async function emptyPage(
  browser: Browser,
  { scheme = "light", width = 1280, height = 800 }: Omit<OpenOptions, "hash" | "render"> = {},
): Promise<OpenPage> {
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme: scheme,
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(PATIENCE_MS);
  const page = await context.newPage();
  const requested: string[] = [];
  const problems: string[] = [];
  page.on("request", (request) => requested.push(request.url()));
  page.on("console", (message) => problems.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => problems.push(String(error)));
  return { page, requested, problems };
}

/** Shows a bundle in a page, in the place of what it showed before; what that did is forgotten. */
export async function showTrace(
  opened: OpenPage,
  {
    directory,
    source,
    hash = "",
    render,
  }: Pick<OpenOptions, "hash" | "render"> & {
    readonly directory: string;
    readonly source: BundleSource;
  },
): Promise<void> {
  await showFile(opened, directory, await renderWhole(source, render), hash);
}

export async function showFile(
  { page, requested, problems }: OpenPage,
  directory: string,
  contents: Uint8Array,
  hash = "",
): Promise<void> {
  const file = join(directory, `${crypto.randomUUID()}.html`);
  await writeFile(file, contents);
  requested.length = 0;
  problems.length = 0;
  await page.goto(pathToFileURL(file).href + hash);
  await page.waitForFunction(() => "codexTrace" in globalThis);
}

/** Goes to a place in the page by its address, as a link does. */
export async function follow(page: Page, hash: string): Promise<void> {
  await page.evaluate((address) => {
    location.hash = address;
  }, hash);
  await painted(page);
}

/** What the clipboard holds. */
export function clipboard(page: Page): Promise<string> {
  return page.evaluate(() => navigator.clipboard.readText());
}

/** Waits until what was asked for has been drawn. */
export async function painted(page: Page): Promise<void> {
  await page.evaluate(
    () =>
      new Promise<void>((resolve) => {
        requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
      }),
  );
}

const axeScript = readFileSync(fileURLToPath(import.meta.resolve("axe-core/axe.min.js")), "utf8");

/** What axe-core finds on the page as it is. */
export async function axeProblems(page: Page): Promise<readonly string[]> {
  // Half of its time goes into being parsed, and half of the rest into reports of what is right.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(axeScript);
  return page.evaluate(async () => {
    const { axe } = globalThis as unknown as {
      axe: {
        run(options: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }>;
      };
    };
    const { violations } = await axe.run({ resultTypes: ["violations"] });
    return violations.map(({ id, nodes }) => `${id}: ${nodes[0]?.html}`);
  });
}

/** Ids of the items the tab "Seen" shows as what the model saw, read from the page while scrolling through it. */
export function seenInPage(page: Page): Promise<readonly string[]> {
  return page.evaluate(collectSeen);
}

/** The same, in a page: it knows nothing outside of itself. */
export async function collectSeen(): Promise<readonly string[]> {
  const list = document.querySelector(".cards[data-request]");
  const found = new Map<number, string>();
  const drawn = (): Promise<void> =>
    new Promise((resolve) => {
      requestAnimationFrame(() => requestAnimationFrame(() => resolve()));
    });
  const collect = (): void => {
    let last = 0;
    for (const card of document.querySelectorAll<HTMLElement>(
      ".card[data-item-id]:not(.removed)",
    )) {
      const position = Number(card.querySelector(".position")?.textContent);
      if (position <= last) throw new Error(`item ${position} stands behind item ${last}`);
      last = position;
      found.set(position, card.dataset["itemId"] ?? "");
    }
  };
  if (list === null) return [];
  list.scrollTop = 0;
  await drawn();
  collect();
  while (list.scrollTop + list.clientHeight < list.scrollHeight - 1) {
    list.scrollTop += list.clientHeight / 2;
    await drawn();
    collect();
  }
  return [...found].toSorted(([left], [right]) => left - right).map(([, id]) => id);
}

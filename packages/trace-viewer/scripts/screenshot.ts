// Runs the demo and takes the picture of its page that the README shows. Needs Chromium; see test/browser/support.ts.
//
//   pnpm --filter @codex-ts/trace-viewer run screenshot
import { execFileSync } from "node:child_process";
import { rmSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const root = fileURLToPath(new URL("../../..", import.meta.url));
const main = join(root, "apps/cli/src/main.ts");
const printed = execFileSync(process.execPath, ["--conditions=@codex-ts/source", main, "demo"], {
  encoding: "utf8",
});
const [, file = ""] = /^page\s+(\S+)/m.exec(printed) ?? [];
const browser = await chromium.launch({
  executablePath: process.env["CHROMIUM_PATH"] ?? "/usr/bin/chromium",
  args: ["--no-sandbox"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1100, height: 620 } });
  await page.goto(`${pathToFileURL(file).href}#r=2`);
  await page.waitForSelector(".card[data-item-id]");
  await page.screenshot({ path: join(root, "docs/images/trace-page.png") });
} finally {
  await browser.close();
  rmSync(dirname(dirname(file)), { recursive: true });
}

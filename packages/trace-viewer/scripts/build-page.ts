// Writes the page into `dist`, where the published package has it, and the licenses of what is in it.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { bundlePage } from "../src/page/bundle-page.ts";
import { licenses } from "./licenses.ts";

const dist = fileURLToPath(new URL("../dist/", import.meta.url));
const { script, style, modules } = await bundlePage();
await mkdir(join(dist, "page"), { recursive: true });
await writeFile(
  join(dist, "page/built.js"),
  `export const pageScript = ${JSON.stringify(script)};\nexport const pageStyle = ${JSON.stringify(style)};\n`,
);
await writeFile(join(dist, "THIRD-PARTY-LICENSES.txt"), await licenses(modules));

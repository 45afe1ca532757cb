// Writes the page into `dist`, where the published package has it.
import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { bundlePage } from "../src/page/bundle-page.ts";

const folder = fileURLToPath(new URL("../dist/page/", import.meta.url));
const { script, style } = await bundlePage();
await mkdir(folder, { recursive: true });
await writeFile(
  `${folder}built.js`,
  `export const pageScript = ${JSON.stringify(script)};\nexport const pageStyle = ${JSON.stringify(style)};\n`,
);

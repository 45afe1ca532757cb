// Loaded into a process before everything else (`node --import`): writes what it loaded to the file MODULES_FILE.
import { writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

const loaded: { url: string; bytes: number }[] = [];

registerHooks({
  load(url, context, nextLoad) {
    const result = nextLoad(url, context);
    const { source = "" } = result;
    loaded.push({ url, bytes: typeof source === "string" ? source.length : source.byteLength });
    return result;
  },
});

process.on("exit", () => {
  const file = process.env["MODULES_FILE"];
  if (file !== undefined) writeFileSync(file, JSON.stringify(loaded));
});

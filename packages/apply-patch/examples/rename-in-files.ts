import { mkdtemp, readFile, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { appliedSummary, applyPatch, PatchError } from "@codex-ts/apply-patch";

const directory = await mkdtemp(join(tmpdir(), "example-"));
await writeFile(join(directory, "greet.js"), "function greet() {\n  return 'hi';\n}\n");

// What a model writes: context finds the place, also where white space differs.
const patch = `*** Begin Patch
*** Update File: greet.js
@@ function greet() {
-return 'hi';
+  return "hello";
*** Add File: README
+Says hello.
*** End Patch`;
const files = await applyPatch(patch, { directory, roots: [directory], protectedNames: [".git"] });
console.log(appliedSummary(files).trimEnd());
console.log(await readFile(join(directory, "greet.js"), "utf8"));

// All or nothing: the second file is not written when the first one does not fit any more.
try {
  await applyPatch(patch.replace("Add File: README", "Add File: OTHER"), { directory });
} catch (error) {
  if (!PatchError.is(error)) throw error;
  console.log(`${error.code}: ${error.message.replace(directory, "DIR")}`);
}

// Sets mode 0755 on the files given: `tsc` writes 0644, and a bin has to start from a checkout too.
import { chmodSync } from "node:fs";

for (const file of process.argv.slice(2)) chmodSync(file, 0o755);

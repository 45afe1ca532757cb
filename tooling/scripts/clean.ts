// Deletes every build output. A deleted source file leaves its old output in `dist`, where it would be packed.
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";

for (const group of ["packages", "apps", "tooling"]) {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory())
      rmSync(join(group, entry.name, "dist"), { recursive: true, force: true });
  }
}

// `pnpm --filter @codex-ts/rollout-trace run write:wire-schema`: writes the published schema of the wire log.
import { writeFileSync } from "node:fs";
import { WIRE_LOG_SCHEMA } from "../src/wire/wire-log-schema.ts";

const file = new URL("../schema/wire-log.schema.json", import.meta.url);
writeFileSync(file, `${JSON.stringify(WIRE_LOG_SCHEMA, undefined, 2)}\n`);

import { SCHEMA_2 } from "./schema-2.ts";
import type { SchemaRules } from "./schema-rules.ts";

/** The format that Codex 0.171 writes and reads. */
export const SCHEMA_3: SchemaRules = {
  ...SCHEMA_2,
  version: 3,
  container: "shards",
  items: { ...SCHEMA_2.items, areReceivedOverAnyItem: false },
  log: {
    ...SCHEMA_2.log,
    events: { ...SCHEMA_2.log.events, code_cell_wait_target_resolved: true },
    absentMembers: {},
    policyMember: "permissions_profile",
    completion: "status",
  },
  codeCells: {
    ...SCHEMA_2.codeCells,
    lastEndHasResult: true,
    nameTheirThread: true,
    waitTarget: "event",
  },
};

import type { CompactionImplementation, CompactionKind } from "../metadata/metadata-snapshot.ts";
import type { DueCompaction } from "./compaction-facts.ts";

/** What the metadata of a request says of the compaction it serves. */
export function compactionKind<Implementation extends CompactionImplementation>(
  { trigger, reason, phase }: DueCompaction,
  implementation: Implementation,
): CompactionKind<Implementation> {
  return {
    type: "compaction",
    details: { trigger, reason, implementation, phase, strategy: "memento" },
  };
}

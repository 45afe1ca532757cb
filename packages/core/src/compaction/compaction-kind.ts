import type { CompactionImplementation, CompactionKind } from "../metadata/metadata-snapshot.ts";
import type { DueCompaction } from "./compaction-facts.ts";

/** The compaction a request serves, as its metadata names it. */
export function compactionKind<Implementation extends CompactionImplementation>(
  { trigger, reason, phase }: DueCompaction,
  implementation: Implementation,
): CompactionKind<Implementation> {
  return {
    type: "compaction",
    details: { trigger, reason, implementation, phase, strategy: "memento" },
  };
}

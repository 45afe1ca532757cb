import type { Compatibility } from "@codex-ts/protocol";

export const GENERATIONS: readonly Compatibility[] = ["0.171", "0.140"];

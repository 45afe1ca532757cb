/** The generation of Codex that a client matches in its requests, its verdicts on responses and its traces. */
export type Compatibility = "0.171" | "0.140";

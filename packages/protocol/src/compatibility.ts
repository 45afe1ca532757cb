/** The generation of Codex that a client's requests, its verdicts on answers and its traces are like. */
export type Compatibility = "0.171" | "0.140";

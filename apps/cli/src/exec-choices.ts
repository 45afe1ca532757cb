/** Values of `--cyber-access-program`. Source: `exec --help` of Codex 0.171. */
export const CYBER_ACCESS_PROGRAMS = ["standard", "daybreak_blue", "daybreak_red"] as const;

/** Providers that are model servers of this machine. */
export const LOCAL_PROVIDERS = ["lmstudio", "ollama"] as const;

export type LocalProvider = (typeof LOCAL_PROVIDERS)[number];

/** Values of `--color`. */
export const COLOR_MODES = ["auto", "always", "never"] as const;

export type ColorMode = (typeof COLOR_MODES)[number];

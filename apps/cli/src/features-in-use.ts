/** Switches that change something here. `Config` has no others, so that nothing is read that `features list` does not know. */
export type FeatureInUse =
  | "code_mode"
  | "code_mode_only"
  | "default_mode_request_user_input"
  | "multi_agent"
  | "multi_agent_v2"
  | "remote_compaction_v2"
  | "unified_exec";

/** How they are when nobody has set them. */
export const FEATURES_IN_USE: Readonly<Record<FeatureInUse, boolean>> = {
  code_mode: false,
  code_mode_only: false,
  default_mode_request_user_input: false,
  multi_agent: true,
  multi_agent_v2: false,
  remote_compaction_v2: true,
  unified_exec: true,
};

/** Whether a value of the table `features` switches on or off, a table by its member `enabled`; `undefined`: it is not set. */
export function isSwitchedOn(value: unknown): boolean | undefined {
  if (typeof value !== "object" || value === null) {
    return value === undefined ? undefined : value === true;
  }
  return (value as { readonly enabled?: unknown }).enabled === true;
}

/** File names inside a bundle directory. Source: docs/behavior/rollout-trace.md 1. */
export const MANIFEST_FILE = "manifest.json";
/** Name of the event log in a bundle. */
export const EVENT_LOG_FILE = "trace.jsonl";
/** Name of the directory of payloads in a bundle. */
export const PAYLOADS_DIRECTORY = "payloads";
/** Name of the reduced state in a bundle. */
export const REDUCED_STATE_FILE = "state.json";

/** `manifest.json`. All members are required when read strictly. */
export interface TraceManifest {
  readonly schema_version: number;
  /** Id of this recording. */
  readonly trace_id: string;
  /** Id of the observed session: the root thread id. */
  readonly rollout_id: string;
  readonly root_thread_id: string;
  readonly started_at_unix_ms: number;
  /** Always `trace.jsonl`; readers open that name and ignore this member. */
  readonly raw_event_log: string;
  /** Always `payloads`. */
  readonly payloads_dir: string;
}

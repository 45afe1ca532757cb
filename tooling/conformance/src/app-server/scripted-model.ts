import type { JsonObject } from "@codex-ts/protocol";

/** Catalog entry of a model that plays a script. */
export const MODEL: JsonObject = {
  slug: "scripted-model",
  display_name: "scripted-model",
  description: "plays a script",
  default_reasoning_level: "medium",
  supported_reasoning_levels: [{ effort: "medium", description: "medium" }],
  shell_type: "unified_exec",
  visibility: "list",
  supported_in_api: true,
  priority: 1,
  availability_nux: null,
  upgrade: null,
  base_instructions: "Follow the script.",
  supports_reasoning_summaries: true,
  support_verbosity: false,
  default_verbosity: null,
  apply_patch_tool_type: "freeform",
  truncation_policy: { mode: "bytes", limit: 10_000 },
  supports_parallel_tool_calls: true,
  context_window: 272_000,
  experimental_supported_tools: [],
  input_modalities: ["text", "image"],
  supports_image_detail_original: false,
};

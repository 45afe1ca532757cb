import type { ModelInfo } from "@codex-ts/protocol";
import { fallbackModelInfo } from "./fallback.ts";

interface BundledModel {
  readonly slug: string;
  readonly displayName: string;
  readonly description: string;
  /** Default `list`. */
  readonly visibility?: "list" | "hide";
}

/** In the order a picker shows them. */
const MODELS: readonly BundledModel[] = [
  {
    slug: "gpt-5.5",
    displayName: "GPT-5.5",
    description: "The strongest general model, for difficult and long tasks.",
  },
  {
    slug: "gpt-5.4",
    displayName: "GPT-5.4",
    description: "A general model for everyday work.",
  },
  {
    slug: "gpt-5.4-mini",
    displayName: "GPT-5.4 mini",
    description: "Small and fast, for simple tasks.",
  },
  {
    slug: "gpt-5.3-codex",
    displayName: "GPT-5.3 Codex",
    description: "An earlier model made for programming.",
  },
  {
    slug: "gpt-5.2",
    displayName: "GPT-5.2",
    description: "An earlier general model.",
  },
  {
    slug: "codex-auto-review",
    displayName: "Codex auto review",
    description: "Judges actions that need an approval; not for conversations.",
    visibility: "hide",
  },
];

/** Models known without asking anybody: slugs from Codex 0.140, texts and settings our own. */
export const BUNDLED_MODELS: readonly ModelInfo[] = MODELS.map((model, priority) => ({
  ...fallbackModelInfo(model.slug),
  display_name: model.displayName,
  description: model.description,
  visibility: model.visibility ?? "list",
  priority,
  shell_type: "unified_exec",
  default_reasoning_level: "medium",
  supported_reasoning_levels: [
    { effort: "low", description: "Responds quickly with little thought." },
    { effort: "medium", description: "Balances speed and thought." },
    { effort: "high", description: "Thinks longer about harder problems." },
    { effort: "xhigh", description: "Thinks as long as the problem needs." },
  ],
  supports_reasoning_summaries: true,
  support_verbosity: true,
  default_verbosity: "low",
  apply_patch_tool_type: "freeform",
  supports_parallel_tool_calls: true,
  truncation_policy: { mode: "tokens", limit: 10_000 },
}));

import type { ModelInfo } from "@codex-ts/protocol";
import type { ArgumentReader } from "../arguments.ts";
import { ToolError } from "../tool.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";

/** The model and effort a call wants for a new agent; nothing where it wants those of its parent. Throws `ToolError`. */
export function chosenModel(
  { tree, self }: AgentToolSettings,
  args: ArgumentReader,
): { readonly model?: ModelInfo; readonly reasoningEffort?: string } {
  const slug = args.string("model");
  const effort = args.string("reasoning_effort");
  const own = self.thread.model;
  const models = [own, ...(tree.settings.models ?? []).filter((model) => model.slug !== own.slug)];
  const model = slug === undefined ? own : models.find((candidate) => candidate.slug === slug);
  if (model === undefined) {
    const names = models.map((candidate) => candidate.slug).join(", ");
    throw new ToolError(`Unknown model \`${slug}\` for spawn_agent. Available models: ${names}`);
  }
  const efforts = model.supported_reasoning_levels.map((level) => level.effort);
  if (effort !== undefined && !efforts.some((known) => known === effort)) {
    throw new ToolError(
      `Reasoning effort \`${effort}\` is not supported for model \`${model.slug}\`. Supported reasoning efforts: ${efforts.join(", ")}`,
    );
  }
  return {
    ...(slug !== undefined && { model, reasoningEffort: effort ?? model.default_reasoning_level }),
    ...(effort !== undefined && { reasoningEffort: effort }),
  } as { readonly model?: ModelInfo; readonly reasoningEffort?: string };
}

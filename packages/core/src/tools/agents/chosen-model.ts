import type { SpawnPlan } from "../../agents/agent-tree.ts";
import type { ArgumentReader } from "../arguments.ts";
import { ToolError } from "../tool.ts";
import type { AgentToolSettings } from "./agent-toolset.ts";

/** The model and effort a call wants for a new agent; nothing where it wants those of its parent. Throws `ToolError`. */
export function chosenModel(
  { tree, self }: AgentToolSettings,
  args: ArgumentReader,
): Pick<SpawnPlan, "model" | "reasoningEffort"> {
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
  const ownEffort = slug === undefined ? undefined : model.default_reasoning_level;
  return { model: slug === undefined ? undefined : model, reasoningEffort: effort ?? ownEffort };
}

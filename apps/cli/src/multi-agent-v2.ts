import { z } from "zod";

/** The table `features.multi_agent_v2`. */
export interface MultiAgentV2 {
  readonly enabled?: boolean;
  /** The thread of the user counts. */
  readonly max_concurrent_threads_per_session?: number;
  readonly min_wait_timeout_ms?: number;
  /** False: the models read nothing of agents; of 0.140 alone. */
  readonly usage_hint_enabled?: boolean;
  readonly root_agent_usage_hint_text?: string;
  readonly subagent_usage_hint_text?: string;
}

const multiAgentV2Table = z.object({
  enabled: z.exactOptional(z.boolean()),
  max_concurrent_threads_per_session: z.exactOptional(z.int().positive()),
  min_wait_timeout_ms: z.exactOptional(z.int().positive()),
  usage_hint_enabled: z.exactOptional(z.boolean()),
  root_agent_usage_hint_text: z.exactOptional(z.string()),
  subagent_usage_hint_text: z.exactOptional(z.string()),
});

/** Not a union, whose error would not name the member of the table that is wrong. */
export const multiAgentV2: z.ZodType<boolean | MultiAgentV2> = z
  .custom<unknown>(
    (value) => typeof value === "boolean" || (typeof value === "object" && value !== null),
    "expected boolean or table",
  )
  .transform((value, context): boolean | z.output<typeof multiAgentV2Table> => {
    if (typeof value === "boolean") return value;
    const result = multiAgentV2Table.safeParse(value);
    if (result.success) return result.data;
    for (const { path, message } of result.error.issues) {
      context.addIssue({ code: "custom", path, message });
    }
    return z.NEVER;
  });

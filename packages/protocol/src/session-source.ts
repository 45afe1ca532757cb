/** Where a session comes from, in its wire form: externally tagged. */
export type SessionSource =
  | "cli"
  | "vscode"
  | "exec"
  | "mcp"
  | "unknown"
  | { readonly custom: string }
  | { readonly internal: "memory_consolidation" }
  | { readonly subagent: SubAgentSource };

export type SubAgentSource =
  | "review"
  | "compact"
  | "memory_consolidation"
  | {
      readonly thread_spawn: {
        readonly parent_thread_id: string;
        readonly depth: number;
        readonly agent_path: string | null;
        readonly agent_nickname: string | null;
        readonly agent_role: string | null;
      };
    }
  | { readonly other: string };

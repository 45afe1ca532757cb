import type { JsonObject } from "@codex-ts/protocol";
import { functionSpec } from "../function-spec.ts";

/** Definition of `exec_command` in requests: names and types of 0.140, descriptions of our own. */
export const EXEC_COMMAND_SPEC: JsonObject = functionSpec(
  "exec_command",
  "Run a shell command and return its output, or a session id when it is still running.",
  {
    cmd: { type: "string", description: "The command line, as you would type it into the shell." },
    justification: {
      type: "string",
      description: "Why more rights are needed; only with `require_escalated`.",
    },
    login: { type: "boolean", description: "Run a login shell. Default true." },
    max_output_tokens: {
      type: "number",
      description:
        "Most tokens of output to return. Default 10000; the model's own limit applies too.",
    },
    prefix_rule: {
      type: "array",
      description: "First words of commands to allow from now on; only with `require_escalated`.",
      items: { type: "string" },
    },
    sandbox_permissions: {
      type: "string",
      description: "Rights of this command. Default `use_default`.",
      enum: ["use_default", "require_escalated"],
    },
    shell: { type: "string", description: "Path of the shell. Default: the user's shell." },
    tty: { type: "boolean", description: "Give the command a terminal. Default false." },
    workdir: {
      type: "string",
      description: "Directory to run in. Default: the working directory.",
    },
    yield_time_ms: {
      type: "number",
      description: "How long to wait for the command to end, 250 to 30000. Default 10000.",
    },
  },
  ["cmd"],
);

/** Definition of `shell_command` in requests: names and types of 0.140, descriptions of our own. */
export const SHELL_COMMAND_SPEC: JsonObject = functionSpec(
  "shell_command",
  "Run a shell command to its end and return its output.",
  {
    command: { type: "string", description: "The command line, for the user's shell." },
    justification: {
      type: "string",
      description: "Why more rights are needed; only with `require_escalated`.",
    },
    login: { type: "boolean", description: "Run a login shell. Default true." },
    prefix_rule: {
      type: "array",
      description: "First words of commands to allow from now on; only with `require_escalated`.",
      items: { type: "string" },
    },
    sandbox_permissions: {
      type: "string",
      description: "Rights of this command. Default `use_default`.",
      enum: ["use_default", "require_escalated"],
    },
    timeout_ms: {
      type: "number",
      description: "Milliseconds after which the command is killed. Default 10000.",
    },
    workdir: {
      type: "string",
      description: "Directory to run in; better than `cd`. Default: the working directory.",
    },
  },
  ["command"],
);

/** Definition of `write_stdin` in requests. */
export const WRITE_STDIN_SPEC: JsonObject = functionSpec(
  "write_stdin",
  "Write to a command that is still running and return what it printed since; with no text, just wait for more.",
  {
    chars: { type: "string", description: "Text to write. Default: nothing." },
    max_output_tokens: {
      type: "number",
      description:
        "Most tokens of output to return. Default 10000; the model's own limit applies too.",
    },
    session_id: { type: "number", description: "Session id that exec_command returned." },
    yield_time_ms: {
      type: "number",
      description:
        "How long to wait for output: up to 30000 after writing, 5000 to 300000 without text.",
    },
  },
  ["session_id"],
);

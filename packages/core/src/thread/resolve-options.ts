import { setTimeout as timer } from "node:timers/promises";
import { describeHost, formatUserAgent, resolveOriginator } from "@codex-ts/api";
import { findModelInfo } from "@codex-ts/model-provider";
import type { ModelInfo } from "@codex-ts/protocol";
import {
  DEFAULT_COMPATIBILITY,
  compatibilityProfile,
} from "../compatibility/compatibility-profile.ts";
import type { ThreadOptions } from "./thread-options.ts";
import { codeModeOf } from "../tools/code-mode/code-mode.ts";
import { defaultShell } from "../tools/exec/default-shell.ts";

/** Options with their defaults. */
export type ResolvedOptions = Omit<ThreadOptions, "model"> &
  Required<
    Pick<
      ThreadOptions,
      | "compatibility"
      | "sandboxMode"
      | "approvalPolicy"
      | "sessionSource"
      | "threadSource"
      | "originator"
      | "userAgent"
      | "errorPolicy"
      | "shell"
      | "env"
      | "now"
      | "random"
      | "sleep"
    >
  > & { readonly model: ModelInfo };

/** Fills in what was left out, and takes from the process what nobody gave. */
export function resolveOptions(options: ThreadOptions): ResolvedOptions {
  const { model, compatibility = DEFAULT_COMPATIBILITY } = options;
  const env = options.env ?? process.env;
  const originator = resolveOriginator(env, options.originator);
  return {
    ...options,
    compatibility,
    env,
    originator,
    userAgent:
      options.userAgent ??
      formatUserAgent({
        originator,
        clientVersion: options.clientVersion ?? "0.0.0",
        host: describeHost(env),
      }),
    model:
      typeof model === "string"
        ? findModelInfo(options.models ?? [], model, { compatibility }).info
        : model,
    sandboxMode: options.sandboxMode ?? "read-only",
    approvalPolicy: options.approvalPolicy ?? "never",
    sessionSource: options.sessionSource ?? "exec",
    threadSource: options.threadSource === undefined ? "user" : options.threadSource,
    errorPolicy: options.errorPolicy ?? compatibilityProfile(compatibility).errorPolicy,
    shell: options.shell ?? defaultShell(),
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
    sleep: options.sleep ?? sleep,
  };
}

async function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await timer(ms, undefined, signal && { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw error;
  }
}

/** Warnings about options, for a client. */
export function optionWarnings(options: ResolvedOptions): string[] {
  const { verbosity, model, network, codeMode = "off", compatibility } = options;
  const warnings: string[] = [];
  if (verbosity !== undefined && !model.support_verbosity) {
    warnings.push(`model ${model.slug} has no verbosity setting; \`${verbosity}\` is ignored`);
  }
  if (codeMode !== "off" && codeModeOf(model) === "off" && compatibility !== "0.140") {
    warnings.push(
      `code mode is on, but model ${model.slug} does not say that it is made for it and may do worse; leave code mode off, or choose a model with \`tool_mode\``,
    );
  }
  if (network?.certificateProblem) warnings.push(network.certificateProblem.message);
  return warnings;
}

import { type Network, networkFromEnvironment } from "@codex-ts/api";
import type { CliProcess } from "./cli-process.ts";

/** How this process reaches the network. Whoever opens it destroys its dispatcher. */
export function openNetwork({ env }: CliProcess, warn: (message: string) => void): Network {
  const network = networkFromEnvironment(env);
  if (network.certificateProblem !== undefined) warn(network.certificateProblem.message);
  return network;
}

import { useCompileCache } from "./compile-cache.ts";

/** Starts the program from source. What is built has `startScript` in its place. */
export async function start(): Promise<void> {
  useCompileCache();
  // Only modules imported after that are kept.
  const { runProcess } = await import("./run-process.ts");
  await runProcess();
}

/**
 * The file that worker threads run. It lies beside this one in the package, from source or compiled; a program that is
 * bundled has it beside its own files under the same name.
 */
export function workerFile(): URL {
  const isSource = import.meta.url.endsWith(".ts");
  return new URL(isSource ? "./isolate-worker.ts" : "./isolate-worker.js", import.meta.url);
}

import { startResponsesServer as start } from "@codex-ts/responses-server";
import type { ResponsesServer, ResponsesServerOptions } from "@codex-ts/responses-server";
import { turnMetadataProblems } from "@codex-ts/test-support";

/** A scripted server that, when it closes, holds every request it got against the rules of the turn metadata. */
export async function startResponsesServer(
  options: ResponsesServerOptions,
): Promise<ResponsesServer> {
  const server = await start(options);
  let isChecked = false;
  const close = async (): Promise<void> => {
    await server.close();
    if (isChecked) return;
    isChecked = true;
    const problems = turnMetadataProblems(server.requests);
    if (problems.length > 0) throw new Error(`[core/S1-wire] ${problems.join("; ")}`);
  };
  return new Proxy(server, {
    get(target, name) {
      if (name === "close" || name === Symbol.asyncDispose) return close;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? (value.bind(target) as unknown) : value;
    },
  });
}

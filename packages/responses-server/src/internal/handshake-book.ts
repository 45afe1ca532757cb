import type { Handshake } from "../script/handshake.ts";
import { isSamePath } from "./script-book.ts";

/** The scripted upgrades with a mark at what is used up. */
export class HandshakeBook {
  readonly #entries: { readonly handshake: Handshake; uses: number }[];
  readonly #basePath: string;

  constructor(handshakes: readonly Handshake[], basePath: string) {
    this.#entries = handshakes.map((handshake) => ({ handshake, uses: 0 }));
    this.#basePath = basePath;
  }

  /** One line: the requested path, and the paths that are served. */
  unscriptedReason(requestPath: string): string {
    const left = this.#entries.flatMap(
      ({ handshake: { path = "/responses", repeat = 1 }, uses }, index) =>
        uses < repeat ? [`handshake ${index + 1} matches only path ${path}`] : [],
    );
    const answered = ["/responses is accepted", ...left];
    return `no handshake is scripted for ${requestPath} (${answered.join("; ")})`;
  }

  /** The next response for this path; `undefined` for a path that nobody scripted. */
  take(requestPath: string): Handshake | undefined {
    const entry = this.#entries.find(
      ({ handshake, uses }) =>
        uses < (handshake.repeat ?? 1) &&
        isSamePath(requestPath, handshake.path ?? "/responses", this.#basePath),
    );
    if (entry) {
      entry.uses += 1;
      return entry.handshake;
    }
    return isSamePath(requestPath, "/responses", this.#basePath) ? {} : undefined;
  }
}

import type { IPty, IPtyForkOptions } from "@lydell/node-pty";
import { optionalPackage } from "../../optional-package.ts";
import type { OptionalPackage } from "../../optional-package.ts";

/** The part of the library that is used here. */
export interface TerminalLibrary {
  spawn(file: string, args: string[], options: IPtyForkOptions): IPty;
}

/** Loads the optional package for terminals: it is native, and few commands need it. */
export const loadTerminals: () => Promise<OptionalPackage<TerminalLibrary>> = optionalPackage(
  async () => (await import("@lydell/node-pty")).default,
);

import { closeSync, fstatSync, openSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import vm from "node:vm";
import { makeDirectory } from "./make-directory.ts";
import {
  fill,
  isDayOld,
  readCompiled,
  removeOldCompiled,
  renewCompiled,
  writeCompiled,
} from "./script-cache.ts";

/** Where scripts are, and where what is compiled of them. */
export interface ScriptLoaderOptions {
  /** Directory of the scripts. */
  readonly folder: string;
  /** A directory that nobody else can write to. Everything old in it is removed now and then. */
  readonly cacheFolder: string;
  /** Compiled code holds what one run used: runs of another name have their own. Part of a file name. */
  readonly bucket: string;
  /** Milliseconds since 1970. Default: the system's clock. */
  readonly now?: () => number;
}

/** Loads CommonJS scripts as `require` does, and keeps what is compiled of them. */
export interface ScriptLoader {
  /** Returns the exports of the script `name`. Runs it at the first call. */
  readonly load: (name: string) => unknown;
  /**
   * Keeps all functions compiled so far for the next process; to be called at its end. A script of which there was
   * compiled code is left out unless that is a day old and this run succeeded. Never throws.
   */
  readonly keep: (options: { readonly hasSucceeded: boolean }) => void;
}

interface LoadedScript {
  readonly script: vm.Script;
  readonly module: { readonly exports: unknown };
  /** Of the compiled code. */
  readonly file: string;
  /** How much of it there was; 0 when it was of no use. */
  readonly knownBytes: number;
}

type Wrapper = (
  exports: unknown,
  require: (id: string) => unknown,
  module: object,
  filename: string,
  dirname: string,
) => void;

/**
 * Scripts of one directory, of ASCII alone, that know each other as `./NAME`. Names contain a hash of the contents: V8
 * compares only lengths.
 */
export function createScriptLoader({
  folder,
  cacheFolder,
  bucket,
  now = Date.now,
}: ScriptLoaderOptions): ScriptLoader {
  // Several versions of Node take turns without replacing what the other one kept.
  const ownFolder = join(cacheFolder, `${process.version}-${process.arch}`);
  const loaded = new Map<string, LoadedScript>();
  let requireInstalled: NodeJS.Require | undefined;

  function load(name: string): unknown {
    const known = loaded.get(name);
    if (known !== undefined) return known.module.exports;
    const filename = join(folder, name);
    const file = join(ownFolder, `${bucket}.${name}`);
    const { script, knownBytes } = compile(filename, file);
    const module = { exports: {} };
    // Before it runs: scripts that load each other see what there is so far.
    loaded.set(name, { script, module, file, knownBytes });
    const wrapper = script.runInThisContext() as Wrapper;
    wrapper(module.exports, requireFrom, module, filename, folder);
    return module.exports;
  }

  function requireFrom(id: string): unknown {
    if (id.startsWith("./")) return load(id.slice(2));
    const builtin: unknown = process.getBuiltinModule(id);
    if (builtin !== undefined) return builtin;
    requireInstalled = requireInstalled ?? createRequire(join(folder, "main.js"));
    return requireInstalled(id);
  }

  function keep({ hasSucceeded }: { readonly hasSucceeded: boolean }): void {
    try {
      const nowMs = now();
      const outdated = [...loaded.values()].filter(
        ({ file, knownBytes }) => knownBytes === 0 || (hasSucceeded && isDayOld(file, nowMs)),
      );
      if (outdated.length === 0) return;
      makeDirectory(ownFolder);
      for (const { script, file, knownBytes } of outdated) {
        const compiled = script.createCachedData();
        // V8 forgets what a long run did not use for a while.
        if (compiled.length <= knownBytes) renewCompiled(file, nowMs);
        else writeCompiled(file, compiled, { isWorthADay: hasSucceeded, nowMs });
      }
      removeOldCompiled(cacheFolder, nowMs);
    } catch {
      // Then the next start is as slow as this one.
    }
  }

  return { load, keep };
}

const HEAD = Buffer.from("(function (exports, require, module, __filename, __dirname) {");
const TAIL = Buffer.from("\n})");

/**
 * The script as a function. Read to its place between head and tail: sources are megabytes, and each further copy of them
 * costs more than reading does.
 */
function readWrapped(filename: string): Buffer {
  const descriptor = openSync(filename, "r");
  try {
    const { size } = fstatSync(descriptor);
    const wrapped = Buffer.allocUnsafeSlow(HEAD.length + size + TAIL.length);
    HEAD.copy(wrapped);
    const isWhole = fill(wrapped.subarray(HEAD.length, HEAD.length + size), descriptor);
    if (!isWhole) throw new Error(`${filename} was changed while it was read`);
    TAIL.copy(wrapped, HEAD.length + size);
    return wrapped;
  } finally {
    closeSync(descriptor);
  }
}

function compile(
  filename: string,
  file: string,
): { readonly script: vm.Script; readonly knownBytes: number } {
  // Scripts are built of ASCII alone, and to see that again takes longer than to read them.
  const source = readWrapped(filename).toString("latin1");
  const cachedData = readCompiled(file);
  const script = new vm.Script(source, {
    filename,
    ...(cachedData === undefined ? {} : { cachedData }),
  });
  const isUsed = cachedData !== undefined && script.cachedDataRejected !== true;
  return { script, knownBytes: isUsed ? cachedData.length : 0 };
}

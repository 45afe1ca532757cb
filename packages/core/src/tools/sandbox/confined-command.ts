/** A sandbox for one command. */
export interface Confinement {
  /** Path of `bwrap`. */
  readonly path: string;
  /** File with the filter for system calls. */
  readonly filterPath: string;
  /** Arguments of `bwrap` that say what the command sees. */
  readonly arguments: readonly string[];
  readonly hasNetwork: boolean;
}

/** Everything readable and nothing writable, no process but its own; ends with the process that starts it. */
export const CONFINING_ARGUMENTS: readonly string[] = [
  "--die-with-parent",
  "--unshare-user",
  "--unshare-pid",
  "--unshare-ipc",
  "--ro-bind",
  "/",
  "/",
  "--dev",
  "/dev",
  "--proc",
  "/proc",
];

/** Opens the filter where `bwrap` looks for it. */
const WITH_FILTER = 'exec 9<"$0" && exec "$@"';

/** The command that runs a command in a sandbox. */
export function confined(command: readonly string[], confinement: Confinement): readonly string[] {
  const { path, filterPath, hasNetwork } = confinement;
  if (hasNetwork) return [path, ...confinement.arguments, "--", ...command];
  const network = ["--unshare-net", "--seccomp", "9"];
  return [
    "/bin/sh",
    "-c",
    WITH_FILTER,
    filterPath,
    path,
    ...confinement.arguments,
    ...network,
    "--",
    ...command,
  ];
}

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { randomUUID } from "node:crypto";

/**
 * The script of the watcher. Its standard input is a pipe whose other end only this process holds, so that it closes however
 * this process ends. Each line says what has become of a process group: `+` it runs, `~` its leader is gone but members
 * are left, `-` it is over; or `.`, that nothing is left of any command.
 *
 * At the end of the input the groups are killed. The number of a group without its leader may by now belong to another
 * process, but then a process of that number exists: as long as a group has members the system does not give its number away.
 * Where there is a `/proc`, processes that left their group are found by the marker in their environment. That is done
 * until nothing is found twice in a row: a process can start another one behind the back of a search.
 */
const SCRIPT = `
trap '' HUP INT QUIT TERM
led=' ' orphaned=' '
without() { for each in $1; do [ "$each" = "$2" ] || printf '%s ' "$each"; done; }
while read -r change group; do
  [ "$change" = . ] && exit
  led=" $(without "$led" "$group")" orphaned=" $(without "$orphaned" "$group")"
  case $change in
    +) led="$led$group " ;;
    '~') orphaned="$orphaned$group " ;;
  esac
done
end() { kill -s KILL -- "-$1" || kill -9 "-$1"; }
for group in $led; do end "$group"; done
for group in $orphaned; do kill -0 "$group" || end "$group"; done
cd /proc || exit
[ -e self/environ ] || exit
searches=0 misses=0
while [ "$misses" -lt 2 ] && [ "$searches" -lt 50 ]; do
  found=$(grep -lsF -e "$1" [0-9]*/environ)
  if [ -n "$found" ]; then misses=0; else misses=$((misses + 1)); sleep 0.1 || sleep 1; fi
  for each in $found; do kill -9 "\${each%/environ}"; done
  searches=$((searches + 1))
done
`;

/** The state of a process group. */
type GroupChange = "+" | "~" | "-";

/**
 * The process that ends commands when this one dies without a chance to do it itself: one small shell for all threads,
 * started with the first command and ended when no thread needs it. A shell that is gone is replaced at the next command.
 */
class CommandWatcher {
  readonly #users = new Set<object>();
  /** As the watcher knows them; told to the next one, should this one be killed. */
  readonly #groups = new Map<number, GroupChange>();
  #shell: ChildProcess | undefined;
  #marker = "";

  /**
   * Makes sure that a watcher runs for as long as `user` is not released. Returns the marker by which it finds processes.
   * Rejects when it cannot be started.
   */
  async use(user: object, path: string | undefined): Promise<string> {
    // One that is about to end may still search by its own.
    if (this.#users.size === 0) this.#marker = randomUUID();
    this.#users.add(user);
    const marker = this.#marker;
    if (this.#shell === undefined) await this.#start(marker, path);
    return marker;
  }

  async #start(marker: string, path: string | undefined): Promise<void> {
    const shell = spawn("/bin/sh", ["-c", SCRIPT, "codex-ts-watcher", marker], {
      // Nothing of this process's environment: a watcher of a command's own must outlive the search for the command.
      env: path === undefined ? {} : { PATH: path },
      detached: true,
      stdio: ["pipe", "ignore", "ignore"],
    });
    const started = Promise.withResolvers<void>();
    // Before anything else of it is used: without descriptors it has no streams, and says so here.
    shell.on("error", started.reject);
    shell.once("exit", () => this.#forget(shell));
    if (shell.pid === undefined) return started.promise;
    this.#shell = shell;
    // A watcher that was killed is noticed by its exit.
    shell.stdin?.on("error", () => {});
    shell.unref();
    // A pipe is a socket to Node; its type does not say so.
    (shell.stdin as { unref?: () => void } | null)?.unref?.();
    for (const [group, change] of this.#groups) shell.stdin?.write(`${change} ${group}\n`);
  }

  /** Reported at once, before this process can be killed. */
  tell(change: GroupChange, group: number): void {
    if (change === "-") this.#groups.delete(group);
    else this.#groups.set(group, change);
    this.#shell?.stdin?.write(`${change} ${group}\n`);
  }

  /** Everything that the commands of `user` started is gone. */
  release(user: object): void {
    this.#users.delete(user);
    if (this.#users.size > 0) return;
    this.#shell?.stdin?.end(".\n");
    this.#shell = undefined;
  }

  #forget(shell: ChildProcess): void {
    if (this.#shell === shell) this.#shell = undefined;
  }
}

/** The watcher of this process. */
export const commandWatcher: CommandWatcher = new CommandWatcher();

// Started by process-lock.test.ts: takes the lock, says so, and keeps it until killed.
import { acquireProcessLock } from "../../../src/auth/process-lock.ts";

await acquireProcessLock(process.argv[2] ?? "");
process.stdout.write("ready\n");
process.stdin.resume();

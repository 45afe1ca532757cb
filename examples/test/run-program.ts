import { format } from "node:util";
import { vi } from "vitest";

/**
 * Runs a program of `examples/` in this process, where the packages are loaded once for all programs, and returns what it
 * writes to standard output.
 */
export async function runProgram(file: string): Promise<string> {
  let output = "";
  const print = (...values: unknown[]): void => {
    output += `${format(...values)}\n`;
  };
  const log = vi.spyOn(console, "log").mockImplementation(print);
  const write = vi.spyOn(process.stdout, "write").mockImplementation((chunk) => {
    output += String(chunk);
    return true;
  });
  try {
    await import(file);
  } finally {
    log.mockRestore();
    write.mockRestore();
  }
  return output;
}

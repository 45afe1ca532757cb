const MINIMUM_MAJOR = 22;
const MINIMUM_MINOR = 19;

/** The message for the user of a Node that is too old; `undefined` when `version` (`22.19.0`) is new enough. */
export function unsupportedNodeMessage(version: string): string | undefined {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const isSupported = major > MINIMUM_MAJOR || (major === MINIMUM_MAJOR && minor >= MINIMUM_MINOR);
  if (isSupported) return undefined;
  return `codex-ts needs Node ${MINIMUM_MAJOR}.${MINIMUM_MINOR} or newer, this is ${version}: install a newer Node and run it again`;
}

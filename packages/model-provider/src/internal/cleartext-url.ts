/** Whether requests to this URL can be read on the way: `http` or `ws` to anything but this machine. */
export function isCleartextUrl(url: string): boolean {
  const parsed = URL.parse(url);
  if (parsed === null || !["http:", "ws:"].includes(parsed.protocol)) return false;
  const { hostname } = parsed;
  return hostname !== "localhost" && hostname !== "[::1]" && !/^127\.\d+\.\d+\.\d+$/.test(hostname);
}

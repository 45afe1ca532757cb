/** Fields of differences that are each program's own texts and counts. */
export const KNOWN: readonly RegExp[] = [
  // Versions and processes.
  /\.(?:cliVersion|processId)$/,
  // Counts of texts of our own.
  /\.tokenUsage\.last\.totalTokens$/,
  // Texts for people.
  /^notification warning\.message$/,
  /^notification deprecationNotice\.summary$/,
];

/** Fields of differences that are meant to be, with the reason. */
export const KNOWN: readonly RegExp[] = [
  // Versions and processes.
  /\.(?:cliVersion|processId)$/,
  // Counts of texts of our own.
  /\.tokenUsage\.last\.totalTokens$/,
  // Codex gives up an interrupted turn after 100 ms; on a busy machine it has not come to its counts by then. Ours always does.
  /^notification (?:thread\/tokenUsage|account\/rateLimits)\/updated as a turn is interrupted$/,
  // Texts for people.
  /^refused: .*\.error\.message$/,
  /^notification warning\.message$/,
  /^notification deprecationNotice\.summary$/,
  // 0.171 lists each file of a thread that was reverted; ours lists the thread once.
  /^thread\/list archived\.data\.1$/,
  // Ours has no pages of items.
  /\.itemsBackwardsCursor$/,
  // 0.171 names the default service tier of a thread that is gone on with, where \`fast_mode\` is on.
  /^thread\/resume\.serviceTier$/,
  // What is unread of threads that do not run is in a database of 0.171; ours keeps none.
  /^(?:thread\/list archived\.readStates\.|read when archived\.readState$)/,
  // 0.171 looks at its servers again, at some time, when one of their tools is allowed for good; ours goes on with them.
  /^notification mcpServer\/startupStatus\/updated$/,
  // Session files of ours hold no facts about git.
  /\.gitInfo$/,
];

// For the packages of this repository. Not part of the public API: any release may change it.
export { abortable } from "./abortable.ts";
export { BoundedQueue } from "./bounded-queue.ts";
export { decodeText } from "./decode-text.ts";
export { isModelOutput } from "../events/is-model-output.ts";
export { isPlainValue, isSecretName } from "../secrets/secret-names.ts";
export { headerSecrets, urlSecrets } from "../secrets/request-secrets.ts";
export { SecretSet } from "../secrets/secret-set.ts";
export { keepItemText } from "../endpoints/constant-items.ts";
export { percentDecoded } from "./percent-decoded.ts";
export { makeDirectory } from "./make-directory.ts";
export { openFilesAdvice } from "./open-files.ts";
export {
  FileRefusedError,
  readPlainFile,
  readPlainFileHead,
  readPlainFileTail,
  readPlainText,
} from "./read-plain-file.ts";

export type { BoundedQueueOptions, QueueFailure } from "./bounded-queue.ts";
export type { DecodedText } from "./decode-text.ts";
export type { ReadPlainFileOptions } from "./read-plain-file.ts";

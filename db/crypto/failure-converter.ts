// Loaded by the SDK by its path, inside the workflow sandbox and outside of it, and in development by Node without any
// compiler: nothing may stand here that is TypeScript only.
import { DefaultFailureConverter } from '@temporalio/common';

/** Messages and stack traces become a payload, which the codec encrypts; by default they would travel in clear. */
export const failureConverter = new DefaultFailureConverter({ encodeCommonAttributes: true });

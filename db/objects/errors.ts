import { DomainError, notFound } from '../../domain/errors.js';

/** Runs one call to the store and says its failure in the words of the domain. Nobody looks at a message. */
export async function translated<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (error) {
    throw translate(error);
  }
}

function translate(error: unknown): unknown {
  if (error instanceof DomainError) return error;
  // The caller's own abort is not the store's failure.
  if (error instanceof Error && error.name === 'AbortError') return error;
  const status = statusOf(error);
  switch (status) {
    case 404:
      return notFound('Object');
    case 409:
    case 412:
      return new DomainError('CONFLICT', 'The object is not in the state that was expected.');
    case undefined:
    case 408:
    case 429:
    case 500:
    case 502:
    case 503:
    case 504:
    case 507:
      return new DomainError('SERVICE_UNAVAILABLE', 'The object store cannot be used now.', {
        retry_after_s: 5,
      });
    default:
      // A refusal of our own request (bad credentials, bad digest): a fault of ours, with its cause.
      return error;
  }
}

/** The HTTP status of the store's answer, if there was one. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('$metadata' in error)) return undefined;
  const metadata = error.$metadata;
  if (typeof metadata !== 'object' || metadata === null || !('httpStatusCode' in metadata)) return undefined;
  return typeof metadata.httpStatusCode === 'number' ? metadata.httpStatusCode : undefined;
}

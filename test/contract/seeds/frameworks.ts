import { buildCatalog } from '../../support/factories/oscal.js';
import type { Seeds } from './types.js';

/** A document that is right: what is drawn from the schema alone is no OSCAL. */
export function seedFrameworks(): Promise<Seeds> {
  return Promise.resolve({
    'frameworks.import': { '+catalog': [buildCatalog('Drawn')], profile: [], base: [] },
  });
}

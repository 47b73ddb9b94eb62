import { refused } from './oscal-refusal.js';

/** Some hundred times what NIST's whole catalogue takes, and about a second. */
const MOST_STEPS = 50_000_000;

/**
 * What the reading of one document may cost. A small document can ask for a great deal: parameters stand in each other,
 * and every change or pattern may go over every control. Whoever reads one waits, and so does everybody else meanwhile.
 */
export class Effort {
  private left = MOST_STEPS;

  /** @throws DomainError VALIDATION_ERROR when the document has asked for too much */
  spend(steps: number, field: string): void {
    this.left -= steps;
    if (this.left < 0) throw refused(field, 'asks for more work than an import may take');
  }
}

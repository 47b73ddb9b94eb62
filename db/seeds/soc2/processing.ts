import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';
import { continuityChecks } from './checks-continuity.js';

/** PI1 processing integrity: in scope when the report includes this category. */
export const processingControls: readonly CatalogueControl[] = [
  {
    ref: 'PI1.1',
    group: 'PI1',
    title: 'Specifications of data and processing',
    description:
      'What the system processes and what comes out is specified: data definitions, sources, rules, units, limits. Those who build, run and use the system have this information, and it is kept correct.',
    question:
      'Where is it defined which data the service takes, what it does with it and what result a customer may expect?',
    guidance:
      'Functional specification or product documentation; data dictionary and interface descriptions with versions; commitments on accuracy and timing; approval and communication of changes to them.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'PI1.2',
    group: 'PI1',
    title: 'Complete and correct input',
    description:
      'Input is checked when it enters: authorized source, right format, plausible, complete, not twice. What is refused is recorded and followed up, and the origin of what is accepted stays traceable.',
    question: 'How is wrong, missing or repeated input detected, and what happens to it?',
    guidance:
      'Validation rules and schemas with tests; rejected input log of the period and its handling; control totals or reconciliation with the source; authentication of sending systems; audit trail of entries.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'PI1.3',
    group: 'PI1',
    title: 'Correct processing',
    description:
      'Processing follows the specification completely, accurately and in time. Errors and interruptions are noticed, recorded and corrected, and work that was interrupted is neither lost nor done twice.',
    question:
      'How do you know that every item was processed once and correctly, and what happened to those that failed?',
    guidance:
      'Job and queue monitoring with alerts; error and dead-letter handling with samples of the period; reconciliations between steps; automated tests of calculation rules; incident records on wrong results.',
    kind: 'criterion',
    checks: continuityChecks['PI1.3'],
  },
  {
    ref: 'PI1.4',
    group: 'PI1',
    title: 'Delivery of output',
    description:
      'Results reach the people entitled to them, complete, correct and at the agreed time. They are protected on the way, and errors in what was delivered are found and corrected.',
    question:
      'Who gets which output when, how is its correctness checked before delivery, and how are errors put right?',
    guidance:
      'Distribution list and access rights for outputs; delivery logs against agreed times; output checks or reconciliations with input; correction notices; customer complaints about results and their resolution.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'PI1.5',
    group: 'PI1',
    title: 'Storage of inputs, work in progress and outputs',
    description:
      'What was taken in, what is in process and what came out is stored completely and correctly for as long as specified. It is protected from change and loss and can be found again.',
    question:
      'How long is each kind of record kept, what protects it from alteration, and can you retrieve one now?',
    guidance:
      'Retention rules per record type; integrity protection such as immutability, checksums or database constraints; access rights to stored records; retrieval of a sample; backup coverage of the stores.',
    kind: 'criterion',
    checks: [],
  },
];

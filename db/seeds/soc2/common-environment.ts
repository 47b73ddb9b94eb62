import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';

/** CC1 control environment and CC2 communication. */
export const environmentControls: readonly CatalogueControl[] = [
  {
    ref: 'CC1.1',
    group: 'CC1',
    title: 'Integrity and ethical conduct',
    description:
      'Management says in writing what honest conduct means and lives by it. Everybody who works for the organization, contractors included, knows the standard, and departures from it are noticed and dealt with in time.',
    question:
      'Who has accepted the code of conduct in the audit period, and what happened the last time somebody broke it?',
    guidance:
      'Code of conduct with approval date; acknowledgements of all joiners of the period and the yearly renewal for the rest, reconciled to the staff list; reporting channel for concerns; anonymized records of breaches with the sanction applied.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC1.2',
    group: 'CC1',
    title: 'Independent oversight by the board',
    description:
      'A board, or a body with the same duty, stands apart from daily management and watches how internal control is built and how well it works. It has members with the skill to ask hard questions about security, and it meets often enough to act.',
    question:
      'Which body oversees security and control, who on it is independent of management, and what did it decide in the period?',
    guidance:
      'Charter or terms of reference; list of members with roles and independence; minutes of the period that show security, risk or audit results on the agenda and the decisions taken; conflict-of-interest declarations.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC1.3',
    group: 'CC1',
    title: 'Structure, reporting lines and authority',
    description:
      'It is clear who decides, who reports to whom and who answers for security, availability, confidentiality and privacy. The structure covers outsourced work too, and it is revisited when the business changes.',
    question:
      'Who is responsible for each area in scope, to whom do they report, and where is their authority written down?',
    guidance:
      'Dated organization chart; role descriptions of security, engineering and operations leads; responsibility matrix for controls including service providers; proof of review in the period.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC1.4',
    group: 'CC1',
    title: 'Competent people',
    description:
      'The organization hires people who can do the work, checks their background as far as law allows, and trains them. Skills that are missing are planned for, and key posts have a successor or a substitute.',
    question:
      'How do you know that a person given access to production was suitable, screened and trained before or soon after starting?',
    guidance:
      'For a sample of joiners: job description, interview record, background check result, security training with date; yearly training completion for all staff; training plan for technical roles; succession or substitution plan.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC1.5',
    group: 'CC1',
    title: 'Accountability for control duties',
    description:
      'People are measured on the control duties they hold, rewarded or corrected accordingly, and not pushed by targets into cutting corners. Management looks at these pressures and adjusts them.',
    question:
      'How does carrying out, or neglecting, a control duty show in the evaluation of the person who holds it?',
    guidance:
      'Control owner list; performance reviews of the period for a sample of staff with control duties; disciplinary policy and cases; objectives that include security or quality.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC2.1',
    group: 'CC2',
    title: 'Reliable information for control',
    description:
      'Controls run on information: inventories, logs, tickets, data flows. The organization knows which information its controls need, gets it from inside and outside, and makes sure that it is complete, current and correct.',
    question:
      'From which systems do control owners take their facts, and how do you know that these are complete and up to date?',
    guidance:
      'Asset inventory with owners and date of last reconciliation; data flow and network diagrams; data classification; list of log and metric sources; for reports used in controls, the query or setting that proves completeness.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC2.2',
    group: 'CC2',
    title: 'Communication inside the organization',
    description:
      'Staff are told what is expected of them: objectives, policies, their own control duties, changes to either. They also have a way to report failures and concerns, including one that does not lead through their manager.',
    question:
      'How does a member of staff learn of their security duties and of changes to them, and where do they report a problem?',
    guidance:
      'Policy portal with versions and read confirmations; security awareness material and attendance; announcements of policy or system changes; incident and whistle-blowing channels with proof that they work.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC2.3',
    group: 'CC2',
    title: 'Communication with outside parties',
    description:
      'Customers, vendors and regulators are told what the system does, what is promised, what they must do themselves and how to raise an issue. Commitments and changes to them reach the people concerned in time, and what these say comes back to management.',
    question:
      'Where are commitments to customers written, how are changes and incidents announced, and who handles what comes in from outside?',
    guidance:
      'Customer agreement and service description; public security and status pages; release or change notices of the period; support and vulnerability disclosure channel with samples of reports handled; vendor agreements.',
    kind: 'criterion',
    checks: [],
  },
];

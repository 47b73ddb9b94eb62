import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';
import { detectionChecks } from './checks-detection.js';

/** CC3 risk assessment, CC4 monitoring and CC5 control activities. */
export const riskControls: readonly CatalogueControl[] = [
  {
    ref: 'CC3.1',
    group: 'CC3',
    title: 'Clear objectives',
    description:
      'Risks can only be judged against objectives. The organization states its operational, reporting and compliance objectives, including what it promises customers, precisely enough that a threat to them can be recognized.',
    question:
      'What are the objectives of the service and its control system, who approved them, and how much deviation is tolerated?',
    guidance:
      'Strategy or objectives document; service commitments and system requirements; target levels (uptime, recovery, response); statement of risk appetite with approval and date.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC3.2',
    group: 'CC3',
    title: 'Risk identification and analysis',
    description:
      'Threats to the objectives are sought across the whole organization, its assets, vendors and people. Each is rated by likelihood and impact, gets an owner, and a decision: reduce, accept, transfer or avoid.',
    question:
      'When was the last full risk assessment, what did it cover, and what was decided on the highest risks?',
    guidance:
      'Risk method; register with rating, owner, treatment and dates; minutes of the yearly assessment in the period; treatment plans and their progress; acceptance of residual risk signed by somebody with the authority.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC3.3',
    group: 'CC3',
    title: 'Fraud risk',
    description:
      'The assessment asks how somebody could cheat: staff, management, customers or outsiders, by misuse of access, falsified records or theft of data. Incentive, opportunity and the excuses people make are weighed, also the opportunities that technology creates.',
    question:
      'Which ways to commit fraud against or with this system have you considered, and which controls answer them?',
    guidance:
      'Fraud entries in the risk register or a separate fraud assessment of the period; separation of duties analysis; controls on privileged users and on management override.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC3.4',
    group: 'CC3',
    title: 'Change as a source of risk',
    description:
      'New products, technology, vendors, laws, leaders or acquisitions can undo controls that worked. The organization watches for such changes and reassesses risk when they come, not only at the next yearly date.',
    question:
      'What changed substantially in the period, and where is the risk assessment that this change caused?',
    guidance:
      'List of major changes of the period with the matching risk review; security review of new vendors and architectures; tracking of laws and threats; register entries dated outside the yearly cycle.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC4.1',
    group: 'CC4',
    title: 'Evaluation of controls',
    description:
      'The organization finds out for itself whether its controls exist and work, by continuous checks, by separate reviews, or both. Whoever evaluates knows the subject and does not judge their own work.',
    question:
      'Which evaluations of your controls were performed in the period, by whom, and how was their scope chosen?',
    guidance:
      'Internal audit or control self-assessment plan and results; penetration test report of the period; continuous compliance monitoring with rules and coverage; access and configuration reviews; independence of the reviewers.',
    kind: 'criterion',
    checks: detectionChecks['CC4.1'],
  },
  {
    ref: 'CC4.2',
    group: 'CC4',
    title: 'Deficiencies reported and corrected',
    description:
      'Weaknesses found go to the people who can fix them, and serious ones to management and the board. Corrective action has an owner and a date and is followed until it is done.',
    question: 'Show the deficiencies found in the period: who was told, when, and what is their state today?',
    guidance:
      'Log of findings from audits, tests and incidents with severity, owner, due date and closure proof; report to management or the board; overdue items with the reason and approval of the delay.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC5.1',
    group: 'CC5',
    title: 'Controls chosen for the risks',
    description:
      'Control activities answer identified risks and bring them to a level the organization accepts. They mix preventive and detective, manual and automatic measures, and duties that must not lie in one hand are separated or compensated.',
    question:
      'For the top risks, which controls reduce them, and where can one person act without a second one noticing?',
    guidance:
      'Mapping of risks to controls; control catalogue with type, frequency and owner; separation of duties matrix (for example development against production deployment) and compensating controls.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC5.2',
    group: 'CC5',
    title: 'General controls over technology',
    description:
      'Business controls depend on technology that itself must be under control: infrastructure, access, and how systems are acquired, developed and maintained. These dependencies are known and the technology controls are designed for them.',
    question: 'Which technology do your key controls depend on, and which controls protect that technology?',
    guidance:
      'Inventory of systems that key controls rely on; standards for secure configuration, access, development and change; baseline templates or infrastructure as code with review history.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC5.3',
    group: 'CC5',
    title: 'Policies put into practice',
    description:
      'Policies say what is expected, procedures how it is done, by whom and when. Competent people carry them out in time, correct what goes wrong, and the documents are reviewed so that they match reality.',
    question:
      'Pick a policy: who approved it, when was it last reviewed, and what shows that the procedure was followed?',
    guidance:
      'Set of policies and procedures with owner, version, approval and yearly review; records of execution for a sample (tickets, checklists, logs); approved exceptions with an end date.',
    kind: 'criterion',
    checks: [],
  },
];

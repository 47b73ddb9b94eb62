import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';

/** P1 to P8 privacy: in scope when the report includes this category. */
export const privacyControls: readonly CatalogueControl[] = [
  {
    ref: 'P1.1',
    group: 'P1',
    title: 'Privacy notice',
    description:
      'People whose data is processed are told in plain words what is collected, why, how it is used, shared, kept and disposed of, and which choices and rights they have. The notice is there when it is needed, and changes are announced before they apply.',
    question:
      'Where does a person see the notice before giving data, does it match the real processing, and how were changes announced?',
    guidance:
      'Current notice and earlier versions with dates; screenshots of the points of collection; comparison of the notice with the record of processing; announcement of changes in the period.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P2.1',
    group: 'P2',
    title: 'Choice and consent',
    description:
      'People learn which choices they have on collection, use, sharing, retention and disposal, and what follows from each. Consent is obtained where it is needed, recorded, respected and as easy to withdraw; where none is asked for, the ground for it is documented.',
    question:
      'How are choices offered and recorded, and what happens in the systems when a person withdraws consent?',
    guidance:
      'Consent texts and forms; consent log with time, version and scope; withdrawal procedure with samples and times; documented legal ground per purpose; proof that opt-outs reach marketing and vendor systems.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P3.1',
    group: 'P3',
    title: 'Collection limited to the purpose',
    description:
      'Personal data is collected by fair and lawful means, and only as far as the stated purposes need it. Sources other than the person are known and trustworthy.',
    question: 'For each field collected: which purpose needs it, and from which source does it come?',
    guidance:
      'Record of processing with data elements and purposes; privacy review of new features in the period; form and API field list against it; checks of third-party sources; removal of fields found needless.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P3.2',
    group: 'P3',
    title: 'Explicit consent before collection',
    description:
      'Where explicit consent is required, for instance for sensitive data, the person is told so, and what a refusal would mean. Consent is obtained before the data is collected and can be proved later.',
    question:
      'Which data needs explicit consent, and can you show the consent of a given person with a time before collection?',
    guidance:
      'List of data that needs explicit consent; wording shown, including the effect of refusing; for a sample, consent record earlier than the first data record; handling of cases without consent.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P4.1',
    group: 'P4',
    title: 'Use limited to stated purposes',
    description:
      'Personal data is used only for the purposes that the notice states and the person agreed to, unless law demands otherwise. New uses are examined before they begin.',
    question: 'Who uses personal data for what, and how is a new use stopped until it has been examined?',
    guidance:
      'Record of processing; access rights by purpose; privacy impact assessments of new uses in the period; controls on analytics, exports and model training; samples of queries or exports with reason.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P4.2',
    group: 'P4',
    title: 'Retention',
    description:
      'Personal data is kept no longer than its purposes or the law need. Periods are set per kind of data and carried out in all systems, including copies and backups, and the data is protected meanwhile.',
    question:
      'What is the retention period of each kind of personal data, and what shows that older data is gone?',
    guidance:
      'Retention schedule with reasons; configured deletion jobs and their logs; query for records beyond the period with an empty result; retention of backups; legal holds with approval and end.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P4.3',
    group: 'P4',
    title: 'Secure disposal of personal data',
    description:
      'When personal data is due for disposal, or a person validly asks for erasure, it is found in all places and destroyed or made anonymous beyond recovery. Vendors do the same, and it is recorded.',
    question:
      'Show an erasure of the period: how were all copies found, when was each gone, and did vendors follow?',
    guidance:
      'Erasure procedure with list of systems; sample of requests with dates of receipt, deletion and confirmation; vendor confirmations; method of anonymization with a test for re-identification; expiry of backups.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P5.1',
    group: 'P5',
    title: 'Access by the person',
    description:
      'A person who has been identified can see the personal data held on them and get a copy in an understandable form, within a set time. If access is refused, the person learns why and how to object.',
    question:
      'How many access requests came in the period, how was identity checked, and were the times met?',
    guidance:
      'Request log with dates, identity check and answer; sample of copies handed out, reviewed for completeness and for data of others; refusals with reason and notice; procedure and templates.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P5.2',
    group: 'P5',
    title: 'Correction by the person',
    description:
      'People can have wrong or incomplete data corrected or completed. The correction goes to third parties that were given the data, and a refusal is explained with the ways to object.',
    question: 'Take a correction of the period: when was it done, in which systems, and who else was told?',
    guidance:
      'Log of correction requests with times; before and after record of a sample; notices to recipients; refusals with reasons; self-service function with its audit trail.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P6.1',
    group: 'P6',
    title: 'Disclosure with consent',
    description:
      'Personal data goes to third parties only for the purposes stated and, where consent is needed, after it was given. Sharing that the person did not agree to, and that law does not demand, does not happen.',
    question:
      'To whom is personal data disclosed, on which ground, and how is consent checked before it is sent?',
    guidance:
      'List of recipients with purpose and ground; consent records matched with a sample of disclosures; technical gate that checks consent; handling of requests by authorities with legal review.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P6.2',
    group: 'P6',
    title: 'Record of authorized disclosures',
    description:
      'Authorized disclosures of personal data are recorded completely, accurately and promptly: what, on whom, to whom, when and why. The record is kept as long as it may be needed.',
    question: 'Can you list what was disclosed about a given person, to whom and when?',
    guidance:
      'Disclosure log or transfer logs per recipient; reconciliation of a sample with interface or export logs; retention of the log; disclosures to authorities.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P6.3',
    group: 'P6',
    title: 'Record of unauthorized disclosures',
    description:
      'Unauthorized disclosures that were detected or reported, breaches among them, are recorded completely, accurately and promptly. Small ones and those that happened at vendors are in the record too.',
    question: 'Show the register of the period: which cases are in it, when was each detected and entered?',
    guidance:
      'Breach register with facts, effects and measures; comparison with incident tickets, support cases and vendor notices for completeness; a statement for the period if there was none.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P6.4',
    group: 'P6',
    title: 'Privacy commitments of vendors',
    description:
      'Vendors and others with access to personal data commit themselves in writing to protect it as the organization has promised. Whether they do is assessed at set intervals, and shortcomings are corrected or the relation ends.',
    question: 'Which vendors process personal data, what did they sign, and when was each last assessed?',
    guidance:
      'List of processors and sub-processors; signed data processing agreements; assessments of the period with results; corrective action for shortcomings; transfer mechanisms for other countries.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P6.5',
    group: 'P6',
    title: 'Breach notices by vendors',
    description:
      'Vendors are bound to tell of actual or suspected unauthorized disclosures without delay. What they report reaches the right people and is handled by the incident procedure.',
    question:
      'Within which time must each vendor tell you of a breach, where does it arrive, and what was reported?',
    guidance:
      'Notification clauses with times; monitored contact address; vendor notices of the period with the incident tickets that followed; a test of the channel where nothing was reported.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P6.6',
    group: 'P6',
    title: 'Notification of breaches',
    description:
      'When personal data was breached, the people affected, authorities and others concerned are told as law and contract demand, in time and with the facts they need. The decision not to notify is reasoned and recorded.',
    question:
      'Who decides on notification, against which deadlines, and how was it done for the cases of the period?',
    guidance:
      'Procedure with deadlines per jurisdiction and contract; decision records with times of awareness and notice; copies of the notices; contact list of authorities; exercise record where there was no breach.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P6.7',
    group: 'P6',
    title: 'Account to the person',
    description:
      'On request a person is told which personal data on them is held and to whom it was disclosed. The answer is complete, understandable and in time.',
    question:
      'How do you compile, for one person, the data held and its recipients, and how do you know it is complete?',
    guidance:
      'Sample of answers with data inventory and recipients; search procedure over all systems including vendors; comparison of an answer with the disclosure log; times against the deadline.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P7.1',
    group: 'P7',
    title: 'Quality of personal data',
    description:
      'Personal data is accurate, current, complete and relevant for what it is used for. Errors are prevented at entry, and data is refreshed or questioned when it ages.',
    question: 'How do you keep personal data right over time, and what did the last quality check find?',
    guidance:
      'Validation at entry; confirmation or update requests to people; data quality reports of the period with corrections; rules on the age of data used for decisions about people.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'P8.1',
    group: 'P8',
    title: 'Complaints and privacy monitoring',
    description:
      'Questions, complaints and disputes on privacy are received, handled, resolved and answered by a known process. Compliance with the privacy commitments is monitored, and what is wrong is corrected in time.',
    question:
      'Which complaints came in the period, how were they resolved, and what did your own monitoring find?',
    guidance:
      'Published contact; complaint log with dates and outcomes; escalation to a person with authority or an outside body; privacy audit or self-assessment of the period; corrective actions with closure; training of those who answer.',
    kind: 'criterion',
    checks: [],
  },
];

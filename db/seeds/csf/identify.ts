import { controlsOf } from '../control-rows.js';

export const identifyControls = [
  ...controlsOf('ID.AM', [
    ['ID.AM-01', 'Hardware inventory', 'Hardware that the organization manages is inventoried.', 'How complete is the hardware list?', 'Inventory, reconciliation with discovery.'],
    ['ID.AM-02', 'Software inventory', 'Software, services and systems that the organization manages are inventoried.', 'How do you know which software runs?', 'Software inventory, scan results.'],
    ['ID.AM-03', 'Network flows', 'Authorized communication and data flows, inside and out, are shown and kept current.', 'Which flows are allowed?', 'Flow diagrams, firewall rules.'],
    ['ID.AM-04', 'Supplier services', 'Services provided by suppliers are inventoried.', 'Which outside services are in use?', 'Service inventory with owners.'],
    ['ID.AM-05', 'Assets ranked', 'Assets are ranked by class, criticality, resources and effect on the mission.', 'Which assets come first?', 'Ranking with criteria and approvals.'],
    ['ID.AM-07', 'Data inventory', 'Data of chosen kinds and its metadata are inventoried.', 'Where is sensitive data?', 'Data inventory with owners and locations.'],
    ['ID.AM-08', 'Life cycle of assets', 'Systems, hardware, software, services and data are managed through their life.', 'How do assets come, change and go?', 'Life cycle records, disposal certificates.'],
  ]),
  ...controlsOf('ID.RA', [
    ['ID.RA-01', 'Vulnerabilities known', 'Vulnerabilities in assets are found, confirmed and recorded.', 'How do you find vulnerabilities?', 'Scan reports, validated findings.'],
    ['ID.RA-02', 'Threat intelligence', 'Intelligence on threats comes from sharing forums and sources.', 'From where do you learn of threats?', 'Feeds, memberships, use in decisions.'],
    ['ID.RA-03', 'Threats known', 'Internal and external threats are identified and recorded.', 'Who would attack you, and how?', 'Threat catalogue, models.'],
    ['ID.RA-04', 'Impact and likelihood', 'Possible impacts and likelihoods of exploited vulnerabilities are recorded.', 'What would it cost, and how likely is it?', 'Rated scenarios.'],
    ['ID.RA-05', 'Risk understood', 'Threats, vulnerabilities, likelihoods and impacts give the inherent risk and rank the answers.', 'How does an assessment lead to priorities?', 'Risk assessments with ranking.'],
    ['ID.RA-06', 'Responses planned', 'Responses to risk are chosen, ranked, planned, tracked and told.', 'What is done about each risk, by whom, until when?', 'Treatment plans with progress.'],
    ['ID.RA-07', 'Changes and exceptions', 'Changes and exceptions are managed, assessed for risk, recorded and tracked.', 'Which exceptions are open today?', 'Change records, exception register.'],
    ['ID.RA-08', 'Disclosures received', 'Processes for receiving, analysing and answering reports of vulnerabilities exist.', 'How can an outsider report a weakness?', 'Disclosure policy, handled reports.'],
    ['ID.RA-09', 'Authenticity before use', 'Authenticity and integrity of hardware and software are assessed before they are acquired and used.', 'How do you know it is genuine?', 'Signature checks, acceptance records.'],
    ['ID.RA-10', 'Critical suppliers assessed', 'Critical suppliers are assessed before they are taken on.', 'Which assessments preceded the last critical contract?', 'Supplier assessments with dates.'],
  ]),
  ...controlsOf('ID.IM', [
    ['ID.IM-01', 'Improve from evaluations', 'Evaluations show what to improve.', 'What did the last evaluation improve?', 'Evaluation reports, improvement plan.'],
    ['ID.IM-02', 'Improve from tests', 'Tests and exercises, also with suppliers, show what to improve.', 'What did the last exercise show?', 'Exercise reports, actions.'],
    ['ID.IM-03', 'Improve from operation', 'Running the processes shows what to improve.', 'Which lessons come from daily work?', 'Retrospectives, process changes.'],
    ['ID.IM-04', 'Plans improved', 'Incident and other plans that affect operations are set, told, kept and improved.', 'When were the plans last improved?', 'Plan versions, review notes.'],
  ]),
]; // prettier-ignore

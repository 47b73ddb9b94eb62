import { controlsOf } from '../control-rows.js';

export const detectControls = [
  ...controlsOf('DE.CM', [
    ['DE.CM-01', 'Networks watched', 'Networks and network services are watched for adverse events.', 'Which traffic is not seen?', 'Sensor coverage, alerts.'],
    ['DE.CM-02', 'Premises watched', 'The physical environment is watched for adverse events.', 'Who would notice an intruder?', 'Camera and alarm records.'],
    ['DE.CM-03', 'People and use watched', 'Activity of personnel and use of technology are watched for adverse events.', 'How is misuse by insiders noticed?', 'Monitoring rules, reviewed cases.'],
    ['DE.CM-06', 'Providers watched', 'Activities and services of outside providers are watched for adverse events.', 'How do you see what providers do in your systems?', 'Provider access logs, reviews.'],
    ['DE.CM-09', 'Computing watched', 'Hardware, software, runtimes and their data are watched for adverse events.', 'Which hosts have no monitoring?', 'Agent coverage, integrity monitoring.'],
  ]),
  ...controlsOf('DE.AE', [
    ['DE.AE-02', 'Events analysed', 'Events that may be adverse are analysed to understand them.', 'How is an alert investigated?', 'Triage records, runbooks.'],
    ['DE.AE-03', 'Sources correlated', 'Information from several sources is correlated.', 'Which sources come together?', 'Correlation rules, examples.'],
    ['DE.AE-04', 'Extent estimated', 'Impact and scope of adverse events are estimated.', 'How is the extent estimated?', 'Impact estimates in records.'],
    ['DE.AE-06', 'Told to those who act', 'Information on adverse events reaches authorized staff and tools.', 'Who is told, how fast?', 'Alert routing, times.'],
    ['DE.AE-07', 'Context added', 'Threat intelligence and other context enter the analysis.', 'Which context does an analyst see?', 'Enriched alerts.'],
    ['DE.AE-08', 'Incident declared', 'An incident is declared when events meet set criteria.', 'When does an event become an incident?', 'Criteria, declared incidents.'],
  ]),
]; // prettier-ignore

export const respondControls = [
  ...controlsOf('RS.MA', [
    ['RS.MA-01', 'Plan carried out', 'The response plan runs together with third parties once an incident is declared.', 'Who starts the plan, and with whom?', 'Incident records, partner contacts.'],
    ['RS.MA-02', 'Reports triaged', 'Incident reports are triaged and confirmed.', 'How is a report confirmed?', 'Triage records with times.'],
    ['RS.MA-03', 'Sorted and ranked', 'Incidents are sorted and ranked.', 'By what are incidents ranked?', 'Severity scheme, samples.'],
    ['RS.MA-04', 'Escalated', 'Incidents are escalated or raised as needed.', 'When is the next level called?', 'Escalation rules, records.'],
    ['RS.MA-05', 'When to recover', 'Criteria for starting recovery are applied.', 'Who decides that recovery begins?', 'Criteria, decisions on record.'],
  ]),
  ...controlsOf('RS.AN', [
    ['RS.AN-03', 'Root cause', 'Analysis shows what happened and the root cause.', 'What was the root cause of the last incident?', 'Analysis reports.'],
    ['RS.AN-06', 'Actions recorded', 'Actions of an investigation are recorded; the records keep integrity and origin.', 'Could a record be altered unnoticed?', 'Timeline with integrity protection.'],
    ['RS.AN-07', 'Data preserved', 'Incident data and metadata are collected; integrity and origin are kept.', 'How is evidence kept?', 'Chain of custody, hashes.'],
    ['RS.AN-08', 'Magnitude confirmed', 'The magnitude of an incident is estimated and confirmed.', 'How far did it reach?', 'Scope analysis.'],
  ]),
  ...controlsOf('RS.CO', [
    ['RS.CO-02', 'Stakeholders notified', 'Internal and external stakeholders are notified of incidents.', 'Who had to be told, and was it in time?', 'Notifications with times, regulatory filings.'],
    ['RS.CO-03', 'Information shared', 'Information is shared with those designated.', 'What is shared with whom?', 'Sharing agreements, messages.'],
  ]),
  ...controlsOf('RS.MI', [
    ['RS.MI-01', 'Contained', 'Incidents are contained.', 'How fast was the last one contained?', 'Containment actions with times.'],
    ['RS.MI-02', 'Eradicated', 'Incidents are eradicated.', 'How do you know that it is gone?', 'Eradication actions, verification.'],
  ]),
]; // prettier-ignore

export const recoverControls = [
  ...controlsOf('RC.RP', [
    ['RC.RP-01', 'Recovery carried out', 'The recovery part of the plan runs once response starts it.', 'Who leads recovery?', 'Recovery records.'],
    ['RC.RP-02', 'Actions chosen', 'Recovery actions are chosen, scoped, ranked and done.', 'What is recovered first, and why?', 'Recovery order, decisions.'],
    ['RC.RP-03', 'Backups verified', 'Integrity of backups and other assets is verified before they are used.', 'How do you know the backup is clean?', 'Verification records.'],
    ['RC.RP-04', 'Functions considered', 'Critical functions and risk management shape the norms after an incident.', 'Which functions must be back before normal life?', 'Continuity objectives in the plan.'],
    ['RC.RP-05', 'Restoration confirmed', 'Integrity of restored assets is verified, services are restored and normal operation is confirmed.', 'Who confirms that all is well?', 'Acceptance after restore.'],
    ['RC.RP-06', 'End declared', 'The end of recovery is declared by criteria and documents are completed.', 'When is it over?', 'Closure record, after-action report.'],
  ]),
  ...controlsOf('RC.CO', [
    ['RC.CO-03', 'Progress told', 'Recovery and progress are told to designated stakeholders.', 'Who hears of the progress?', 'Status messages.'],
    ['RC.CO-04', 'Public told', 'Public updates use approved methods and messages.', 'Who speaks to the public, with which words?', 'Approved statements, publication log.'],
  ]),
]; // prettier-ignore

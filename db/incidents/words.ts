// The sentence of a timeline entry. Made where names are known; histories carry only ids.

import { NOTICE } from '../../domain/incidents/obligations.js';

export type EntryData = Readonly<Record<string, string | number | boolean | null>>;

/** @param nameOf a person's name by id */
export function describeEntry(event_type: string, data: EntryData, nameOf: (id: string) => string): string {
  const say = (key: string): string => String(data[key] ?? '');
  const person = (key: string): string => (say(key) === '' ? 'nobody' : nameOf(say(key)));
  switch (event_type) {
    case 'created':
      return `Incident ${say('ref')} opened as ${say('severity')}`;
    case 'phase_transition':
      return `Phase changed from ${say('from')} to ${say('to')}`;
    case 'severity_changed':
      return `Severity changed from ${say('from')} to ${say('to')}`;
    case 'severity_change_requested':
      return `Lowering the severity from ${say('from')} to ${say('to')} waits for a second person`;
    case 'acknowledged':
      return 'Incident acknowledged';
    case 'ack_check':
      return 'No activity for twice the acknowledge target: the assignee is asked whether work goes on';
    case 'ack_decayed':
      return 'Acknowledgement taken back for want of activity; escalation starts again';
    case 'commander_changed':
      return `Commander changed from ${person('from')} to ${person('to')}`;
    case 'assignee_changed':
      return `Assignee changed from ${person('from')} to ${person('to')}`;
    case 'clock_paused':
      return `The ${clockName(say('clock'))} clock was paused: ${say('reason').replaceAll('_', ' ')}`;
    case 'clock_resumed':
      return data['cap'] === true
        ? `The ${clockName(say('clock'))} clock goes on: it has stood still for as long as it may`
        : `The ${clockName(say('clock'))} clock was resumed`;
    case 'sla_threshold':
    case 'sla_reminder':
      return `${say('percent')} % of the ${clockName(say('clock'))} target has passed${late(data)}`;
    case 'sla_breached':
      return data['by_reclassification'] === true
        ? `The ${clockName(say('clock'))} target was missed by the change of severity`
        : `The ${clockName(say('clock'))} target was missed (${say('percent')} %)${late(data)}`;
    case 'guard_warning':
      return `Moved on although ${say('detail')}`;
    case 'details_changed':
      return `Changed: ${say('fields')}`;
    case 'review_filed':
      return 'Post-incident review filed';
    case 'task_added':
      return 'Task added';
    case 'task_changed':
      return `Task changed from ${say('from')} to ${say('to')}`;
    case 'event_recorded':
      return `Established: ${plain(say('event'))} (${say('occurred_at')})`;
    case 'obligation_due':
      return `${plain(say('code'))} is due at ${say('due_at')}, counted from ${plain(say('anchor_event'))}; ${NOTICE}`;
    case 'obligation_decided':
      return `${plain(say('code'))} decided as ${plain(say('decision'))}`;
    case 'obligation_submitted':
      return `${plain(say('code'))} submitted at ${say('submitted_at')}`;
    case 'obligation_waived':
      return `${plain(say('code'))} waived`;
    case 'playbook_run':
      return `Playbook ${say('playbook')} ${plain(say('status'))}${because(say('failure'))}`;
    case 'playbook_step':
      return `Playbook step "${say('step')}" ${plain(say('status'))}${because(say('result'))}`;
    case 'playbook_decision':
      return `Policy on "${say('step')}": ${plain(say('decision'))}${because(say('reasons'))}`;
    case 'playbook_approved':
      return `Step "${say('step')}" approved`;
    case 'playbook_rejected':
      return `Step "${say('step')}" rejected`;
    case 'playbook_approval_voided':
      return `The arguments of "${say('step')}" have changed: approvals of the former ones are void`;
    case 'playbook_approval_escalated':
      return `Nobody has approved "${say('step')}" in time; the wait is prolonged once`;
    case 'redacted':
      return `Entry ${say('seq')} was redacted`;
    case 'exported':
      return 'Incident exported as a bundle';
    case 'closed':
      return `Incident closed as ${say('resolution').replaceAll('_', ' ')}`;
    default:
      return event_type.replaceAll('_', ' ');
  }
}

function clockName(kind: string): string {
  return kind.split(':')[0]?.replaceAll('_', ' ') ?? kind;
}

function plain(name: string): string {
  return name.replaceAll('_', ' ').replace(':', ' ');
}

function because(why: string): string {
  return why === '' ? '' : `: ${why}`;
}

function late(data: EntryData): string {
  const late_ms = Number(data['late_ms'] ?? 0);
  return late_ms > 0 ? `; noticed ${Math.round(late_ms / 1000)} s late` : '';
}

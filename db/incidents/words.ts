// The sentence of a timeline entry. Made where names are known; histories carry only ids.

import { NOTICE } from '../../domain/incidents/obligations.js';

export type EntryData = Readonly<Record<string, string | number | boolean | null>>;

/** @param nameOf a person's name by id, and what a task or a duty with a clock is called */
export function describeEntry(event_type: string, data: EntryData, nameOf: (id: string) => string): string {
  const say = (key: string): string => String(data[key] ?? '');
  const person = (key: string): string => (say(key) === '' ? 'nobody' : nameOf(say(key)));
  const clock = (): string => clockName(say('clock'), nameOf);
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
    case 'clock_started':
      return `The ${clock()} clock was started`;
    case 'clock_paused':
      return `The ${clock()} clock was paused: ${say('reason').replaceAll('_', ' ')}`;
    case 'clock_resumed':
      return data['cap'] === true
        ? `The ${clock()} clock goes on: it has stood still for as long as it may`
        : `The ${clock()} clock was resumed`;
    case 'sla_threshold':
    case 'sla_reminder':
      return `${say('percent')} % of the ${clock()} target has passed${late(data)}`;
    case 'sla_breached':
      return data['by_reclassification'] === true
        ? `The ${clock()} target was missed by the change of severity`
        : `The ${clock()} target was missed (${say('percent')} %)${late(data)}`;
    case 'guard_warning':
      return `Moved on although ${say('detail')}`;
    case 'details_changed':
      return `Changed: ${say('fields')}`;
    case 'review_filed':
      return 'Post-incident review filed';
    case 'task_added':
      return `Task "${say('title')}" added`;
    case 'task_changed':
      return `Task "${say('title')}" changed from ${plain(say('from'))} to ${plain(say('to'))}`;
    case 'event_recorded':
      return `Established: ${plain(say('event'))} (${say('occurred_at')})`;
    case 'obligation_due':
      return `${plain(say('code'))} is due at ${say('due_at')}, counted from ${plain(say('anchor_event'))}; ${NOTICE}`;
    case 'obligation_decided':
      return `${plain(say('code'))} decided as ${plain(say('decision'))}${say('policy_revision') === '' ? '' : ' by policy'}; ${NOTICE}`;
    case 'obligation_submitted':
      return `${plain(say('code'))} submitted at ${say('submitted_at')}`;
    case 'obligation_waived':
      return `${plain(say('code'))} waived`;
    case 'playbook_run':
      return `Playbook ${say('playbook')} ${say('status') === 'running' ? 'resumed' : plain(say('status'))}${because(say('failure'))}`;
    case 'playbook_abort':
      return `Playbook ${say('playbook')} is to be ended`;
    case 'playbook_rollback':
      return `Playbook ${say('playbook')} is to be ended and undone`;
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

/** `contain`; `"Collect logs" task` and `nis2 final` for what has a clock of its own. */
function clockName(kind: string, nameOf: (id: string) => string): string {
  const [group = '', id] = kind.split(':');
  if (id === undefined) return plain(group);
  const name = nameOf(id);
  if (name === id) return plain(group);
  return group === 'task' ? `"${name}" task` : plain(name);
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

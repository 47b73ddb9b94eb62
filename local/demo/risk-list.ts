// What the demo organization worries about, and the SOC 2 criteria that hold it down.
import type { Role } from '../../domain/tenant.js';

export interface DemoRisk {
  title: string;
  description: string;
  category: string;
  /** Likelihood and impact. */
  inherent: readonly [number, number];
  treatment: string;
  owner: Role;
  control_refs: readonly string[];
  /** What was decided about it since. */
  since?: {
    status: string;
    residual?: readonly [number, number];
    acceptance?: { reason: string; expires_in_days?: number };
  };
}

const risk = (
  [title, description]: readonly [string, string],
  category: string,
  inherent: readonly [number, number],
  [treatment, owner]: readonly [string, Role],
  control_refs: readonly string[],
  since?: DemoRisk['since'],
): DemoRisk => ({
  title,
  description,
  category,
  inherent,
  treatment,
  owner,
  control_refs,
  ...(since !== undefined && { since }),
});

const MITIGATE = ['mitigate', 'analyst'] as const;
const OWNED = ['mitigate', 'admin'] as const;

export const DEMO_RISKS: readonly DemoRisk[] = [
  risk(
    ['Access of leavers not revoked', 'Accounts outlive their people, in systems outside single sign-on.'],
    'cyber',
    [4, 4],
    MITIGATE,
    ['CC6.2', 'CC6.3'],
  ),
  risk(
    ['Account takeover through a missing second factor', 'A stolen password is enough for some consoles.'],
    'cyber',
    [4, 5],
    MITIGATE,
    ['CC6.1', 'CC6.6'],
  ),
  risk(
    ['Restore from backup fails or takes too long', 'Copies exist; a full restore was last tried in spring.'],
    'operational',
    [3, 5],
    OWNED,
    ['A1.2', 'A1.3', 'CC7.5'],
  ),
  risk(
    ['Outage of region eu-west-1', 'The warm standby has never carried the whole load.'],
    'operational',
    [2, 5],
    OWNED,
    ['A1.2', 'A1.3'],
  ),
  risk(
    ['Database bankfeeds-prod in one zone without backup', 'A failed zone stops the bank feeds for a day.'],
    'operational',
    [3, 4],
    OWNED,
    ['A1.2'],
  ),
  risk(
    ['Duplicate or missing bookings', 'Feeds are retried; an error in matching keys books twice.'],
    'operational',
    [3, 4],
    OWNED,
    ['PI1.2', 'PI1.3'],
  ),
  risk(
    ['Wrong amounts from machine recognition', 'A misread invoice is paid as it was read.'],
    'financial',
    [3, 3],
    ['accept', 'admin'],
    ['PI1.1', 'PI1.4'],
    {
      status: 'accepted',
      acceptance: { reason: 'Amounts under 92 % confidence are confirmed by a person', expires_in_days: 96 },
    },
  ),
  risk(
    ['Ransomware on endpoints', 'One laptop with a mapped drive reaches the finance share.'],
    'cyber',
    [3, 4],
    MITIGATE,
    ['CC6.8', 'CC7.1'],
  ),
  risk(
    ['SSH of the bastion reachable from the internet', 'Key only, and yet a door that need not be there.'],
    'cyber',
    [4, 4],
    ['avoid', 'analyst'],
    ['CC6.6'],
  ),
  risk(
    [
      'Disclosure through misconfigured storage',
      'Buckets are made by teams; a policy opens one to everybody.',
    ],
    'cyber',
    [3, 5],
    MITIGATE,
    ['CC6.1', 'C1.1'],
  ),
  risk(
    ['Secrets in source code', 'A key that was pushed once is in every clone.'],
    'cyber',
    [3, 4],
    MITIGATE,
    ['CC6.1', 'CC8.1'],
  ),
  risk(
    ['Failure of payment provider Paylink', 'The only way to pay out; no second one is under contract.'],
    'third_party',
    [3, 5],
    ['transfer', 'admin'],
    ['CC9.2'],
  ),
  risk(
    ['Identity provider unavailable', 'Nobody signs in, on-call people neither.'],
    'third_party',
    [2, 4],
    ['accept', 'admin'],
    ['CC9.2', 'A1.2'],
    {
      status: 'accepted',
      acceptance: { reason: 'Two emergency accounts are sealed and tested', expires_in_days: 180 },
    },
  ),
  risk(
    ['Loss of key people in security and payments', 'Two roles have no deputy.'],
    'strategic',
    [3, 4],
    OWNED,
    ['CC1.4'],
  ),
  risk(
    ['Breach of personal data not told in time', 'Seventy-two hours begin while people still look.'],
    'compliance',
    [3, 4],
    MITIGATE,
    ['P6.3', 'CC7.4'],
  ),
  risk(['Personal data kept too long', 'Deletion jobs skip attachments.'], 'compliance', [4, 3], MITIGATE, [
    'P4.2',
    'P4.3',
  ]),
  risk(
    ['Subprocessor outside the EU', 'A transfer that a court may forbid next year.'],
    'compliance',
    [2, 3],
    ['accept', 'analyst'],
    ['P6.1', 'P6.5'],
    { status: 'accepted', acceptance: { reason: 'Adequacy decision and contract clauses are in place' } },
  ),
  risk(
    ['A faulty change stops the service', 'Canaries see errors, not slowness.'],
    'operational',
    [4, 3],
    OWNED,
    ['CC8.1'],
  ),
  risk(
    ['Self-approved changes', 'Two services are built by an older job that asks nobody.'],
    'operational',
    [3, 3],
    OWNED,
    ['CC8.1', 'CC5.2'],
  ),
  risk(['Unpatched critical weakness', 'Scanned weekly; exploits need a day.'], 'cyber', [4, 4], MITIGATE, [
    'CC7.1',
    'CC6.8',
  ]),
  risk(
    ['No detection in the second region', 'What happens there is logged and read by nobody.'],
    'cyber',
    [4, 4],
    MITIGATE,
    ['CC7.2', 'CC7.3'],
  ),
  risk(
    ['Duties under NIS2 through customers', 'Contracts ask for reports that nobody is named for.'],
    'compliance',
    [4, 3],
    ['mitigate', 'auditor'],
    ['CC2.3', 'CC3.1'],
  ),
  risk(
    ['Errors in our own financial statements', 'Small team at year end.'],
    'financial',
    [2, 4],
    ['mitigate', 'auditor'],
    ['CC5.1', 'CC4.1'],
    { status: 'mitigated', residual: [1, 4] },
  ),
  risk(
    ['Growth exceeds capacity at year end', 'The peak was 40 % over forecast last December.'],
    'operational',
    [3, 4],
    OWNED,
    ['A1.1'],
  ),
  risk(
    ['Source code disclosed through AI assistants', 'Private tools beside the one under contract.'],
    'reputational',
    [3, 3],
    MITIGATE,
    ['C1.1', 'CC2.2'],
  ),
  risk(
    ['Office fire or burglary', 'Laptops and paper; no servers.'],
    'operational',
    [2, 2],
    ['transfer', 'admin'],
    ['CC6.4'],
    { status: 'transferred', residual: [2, 1] },
  ),
];

import type { CatalogueControl } from '../../../domain/frameworks/catalogue.js';
import { assetChecks } from './checks-assets.js';
import { boundaryChecks } from './checks-boundary.js';
import { identityChecks } from './checks-identity.js';
import { transferChecks } from './checks-transfer.js';

/** CC6 logical and physical access. */
export const accessControls: readonly CatalogueControl[] = [
  {
    ref: 'CC6.1',
    group: 'CC6',
    title: 'Logical access protection',
    description:
      'Information assets are known and protected by technical means: identification and strong authentication, authorization, network segmentation, encryption and managed keys. Infrastructure, software and data are all covered, and so are the accounts that machines use.',
    question:
      'How is every path to production data authenticated and authorized, and which data is encrypted with which keys?',
    guidance:
      'Access control and cryptography policies; identity provider settings with multi-factor rule; configuration export of password policy, root and administrator accounts; encryption settings of databases, disks and buckets; key inventory with rotation; network diagram with zones.',
    kind: 'criterion',
    checks: [...identityChecks['CC6.1'], ...assetChecks['CC6.1']],
  },
  {
    ref: 'CC6.2',
    group: 'CC6',
    title: 'Granting and ending user access',
    description:
      'Nobody gets credentials before being identified and authorized by somebody entitled to do so. When a person or a system no longer needs access, its credentials stop working promptly.',
    question:
      'For joiners and leavers of the period: who approved the access, when was it given, and how soon was it taken away?',
    guidance:
      'Joiner and leaver lists from HR matched with access tickets; timestamps of account creation and deactivation against the allowed delay; list of active accounts reconciled to current staff and contractors; service account register.',
    kind: 'criterion',
    checks: identityChecks['CC6.2'],
  },
  {
    ref: 'CC6.3',
    group: 'CC6',
    title: 'Roles, least privilege and separation',
    description:
      'Rights follow roles and responsibilities, are no wider than the work needs, and change when the work changes. Conflicting rights do not meet in one person, and access is reviewed at set intervals.',
    question: 'Who holds administrative rights today and why, and what did the last access review change?',
    guidance:
      'Role and permission matrix; privileged user list with justification; quarterly access reviews with reviewer, date and resulting removals; tickets of role changes; policy documents of cloud roles.',
    kind: 'criterion',
    checks: identityChecks['CC6.3'],
  },
  {
    ref: 'CC6.4',
    group: 'CC6',
    title: 'Physical access',
    description:
      'Only authorized people enter data centres, offices with sensitive equipment and places where backup media lie. Entry is logged, visitors are accompanied, and rights are reviewed and withdrawn. Where a provider runs the site, its assurance is examined.',
    question:
      'Who can physically reach the systems or media, how is this recorded, and on whose report do you rely for hosted sites?',
    guidance:
      'List of facilities in scope; badge holder list and its review; visitor log; leaver badge deactivation; hosting provider SOC 2 or ISO 27001 report of the period with your review of it and of its user-entity controls.',
    kind: 'criterion',
    checks: [],
  },
  {
    ref: 'CC6.5',
    group: 'CC6',
    title: 'Safe disposal of equipment and media',
    description:
      'Protection of a device or medium ends only after the data and software on it can no longer be read or recovered. This goes for servers, laptops, phones, disks and storage volumes in the cloud.',
    question: 'What was retired in the period, and how do you know that nothing readable remained on it?',
    guidance:
      'Disposal procedure; list of retired assets reconciled to the inventory; wiping logs or certificates of destruction with serial numbers; provider statement on cloud media; record of deleted volumes and destroyed keys.',
    kind: 'criterion',
    checks: transferChecks['CC6.5'],
  },
  {
    ref: 'CC6.6',
    group: 'CC6',
    title: 'Protection at the system boundary',
    description:
      'Whatever can be reached from outside is known, kept to the minimum and guarded: firewalls, gateways, filtering, strong authentication for remote access. Attempts from outside are blocked or detected.',
    question:
      'Which services are reachable from the internet, why, and what stands between them and the internal network?',
    guidance:
      'List of public endpoints; firewall and security group rules with a review of the period; web application firewall and denial-of-service settings; remote access solution with multi-factor proof; results of an external scan.',
    kind: 'criterion',
    checks: boundaryChecks['CC6.6'],
  },
  {
    ref: 'CC6.7',
    group: 'CC6',
    title: 'Protection of data in transit and on the move',
    description:
      'Information leaves or moves within the system only through authorized people and processes, and it is protected on the way. This covers network traffic, file transfers, sharing, removable media, mobile devices and copies such as snapshots.',
    question:
      'By which ways can customer data leave the system, who may use them, and how is the data protected in transit?',
    guidance:
      'TLS configuration and certificate inventory; transfer and removable media policy; data loss prevention or egress rules; sharing settings of storage, images and snapshots; encryption and remote-wipe settings of mobile devices.',
    kind: 'criterion',
    checks: transferChecks['CC6.7'],
  },
  {
    ref: 'CC6.8',
    group: 'CC6',
    title: 'Malicious and unauthorized software',
    description:
      'Software that was not approved, or that does harm, is kept out or found and removed. Only authorized people can install software, and servers, workstations and build artefacts are scanned with current signatures or equivalent means.',
    question:
      'How would an unapproved or malicious program be prevented, noticed and removed on a laptop, a server and in a container image?',
    guidance:
      'Endpoint protection coverage report reconciled to the device inventory; alerts of the period and their handling; rights to install software; image and dependency scan settings with results; file integrity or runtime detection settings.',
    kind: 'criterion',
    checks: boundaryChecks['CC6.8'],
  },
];

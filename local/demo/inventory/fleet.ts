import { backups } from './backups.js';
import { clockAt } from './clock.js';
import { containers } from './containers.js';
import { databases } from './databases.js';
import { detection } from './detection.js';
import { edge } from './edge.js';
import { firewall } from './firewall.js';
import { lambdas } from './functions.js';
import { compute } from './hosts.js';
import { keysAndSecrets } from './keys.js';
import { messages } from './messages.js';
import { network } from './network.js';
import { users } from './people.js';
import { rights } from './roles.js';
import type { Fleet } from './shapes.js';
import { storage } from './storage.js';

/** Everything that the demo organization runs, as it is at that moment; the same moment gives the same rows. */
export function fleetAt(now: Date): Fleet {
  const clock = clockAt(now);
  return {
    ...network(clock),
    ...firewall(),
    ...compute(clock),
    ...edge(clock),
    ...containers(clock),
    ...lambdas(clock),
    ...databases(clock),
    ...storage(clock),
    ...messages(),
    ...users(clock),
    ...rights(clock),
    ...keysAndSecrets(clock),
    ...detection(clock),
    ...backups(clock),
  };
}

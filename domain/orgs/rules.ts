import type { OrgSettings } from './schema.js';

/** What an organization starts with. Targets follow common practice for a 24×7 response team. */
export const DEFAULT_SETTINGS: OrgSettings = {
  sla: {
    critical: { acknowledge: 'PT15M', contain: 'PT4H', resolve: 'P3D' },
    high: { acknowledge: 'PT1H', contain: 'PT24H', resolve: 'P7D' },
    medium: { acknowledge: 'PT4H', contain: 'P3D', resolve: 'P14D' },
    low: { acknowledge: 'PT24H', contain: 'P7D', resolve: 'P30D' },
    informational: { acknowledge: 'P3D', contain: 'P14D', resolve: 'P60D' },
  },
  strict_guards: false,
  review_threshold: 0.7,
  token_budget: null,
  appetite: { approaching: 25, exceeds: 50, critical: 75 },
  notification_webhook: null,
};

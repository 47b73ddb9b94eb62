import { z } from 'zod';

export const SERVICES = ['database', 'redis', 'opa', 'steampipe', 'temporal', 'storage', 'llm'] as const;
export type Service = (typeof SERVICES)[number];

const serviceStatus = z.enum(['healthy', 'unhealthy', 'not_configured']);
export type ServiceStatus = z.infer<typeof serviceStatus>;

// Written out, so that the document names each service.
const services = z.object({
  database: serviceStatus,
  redis: serviceStatus,
  opa: serviceStatus,
  steampipe: serviceStatus,
  temporal: serviceStatus,
  storage: serviceStatus,
  llm: serviceStatus,
} satisfies Record<Service, typeof serviceStatus>);

export const health = z
  .object({
    status: z.enum(['healthy', 'degraded', 'unhealthy']),
    version: z.string(),
    services,
  })
  .meta({
    id: 'Health',
    example: {
      status: 'healthy',
      version: '1.0.0',
      services: {
        database: 'healthy',
        redis: 'healthy',
        opa: 'healthy',
        steampipe: 'healthy',
        temporal: 'healthy',
        storage: 'healthy',
        llm: 'healthy',
      },
    },
  });
export type Health = z.infer<typeof health>;

export const liveness = z.object({ status: z.literal('alive') }).meta({ id: 'Liveness' });
export const readiness = z.object({ status: z.literal('ready') }).meta({ id: 'Readiness' });

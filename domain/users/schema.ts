import { z } from 'zod';
import { ROLES } from '../tenant.js';
import { email, page, pageQuery, text, timestamp, uuid } from '../schema.js';

export const role = z.enum(ROLES);

export const user = z
  .object({
    id: uuid,
    email: z.string().nullable(),
    service_token_id: z.string().nullable().meta({ description: "a machine's common_name" }),
    name: z.string(),
    role,
    created_at: timestamp,
    updated_at: timestamp,
  })
  .meta({ id: 'User' });
export type User = z.infer<typeof user>;

export const userCreate = z
  .strictObject({
    email: email.optional(),
    service_token_id: z
      .string()
      .max(200)
      .regex(/^[A-Za-z0-9_.@:-]+$/, "must be a service token's common_name")
      .optional(),
    name: text(200),
    role,
  })
  .refine((body) => (body.email === undefined) !== (body.service_token_id === undefined), {
    message: 'exactly one of email and service_token_id is needed',
    path: ['email'],
  })
  .meta({
    id: 'UserCreate',
    oneOf: [{ required: ['email'] }, { required: ['service_token_id'] }],
    example: { email: 'user@example.com', name: 'John Doe', role: 'analyst' },
  });
export type UserCreate = z.infer<typeof userCreate>;

export const userUpdate = z
  .strictObject({ name: text(200).optional(), role: role.optional() })
  .meta({ id: 'UserUpdate', example: { role: 'auditor' } });
export type UserUpdate = z.infer<typeof userUpdate>;

export const me = z
  .object({
    id: uuid,
    email: z.string().nullable(),
    name: z.string(),
    memberships: z.array(z.object({ org_id: uuid, org_name: z.string(), role })),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof me>;

export const userPage = page(user).meta({ id: 'UserPage' });
export const userParams = z.strictObject({ org_id: uuid, user_id: uuid });
export const userQuery = pageQuery.extend({ role: z.array(role).min(1).max(4).optional() });
export type UserQuery = z.infer<typeof userQuery>;

// Made from the backend's models by `python -m backend.web.generated`. Do not edit.
import * as z from 'zod/mini';

/** What the settings page shows. */
export const Connection = z.object({
  portal_id: z.int(),
  name: z.string(),
  mode: z.enum(['shadow', 'live', 'paused']),
  missing_scopes: z.array(z.string()),
  leads: z.int(),
  due: z.int(),
  last_scored: z.nullable(z.string()),
  claim_url: z.string(),
});
export type Connection = z.infer<typeof Connection>;

/** GET /card/connection */
export const ConnectionAnswer = z.object({
  ok: z.literal(true),
  connection: Connection,
});
export type ConnectionAnswer = z.infer<typeof ConnectionAnswer>;

/** An expected failure; always with status 200, because HubSpot hides other statuses. */
export const Failure = z.object({
  ok: z.literal(false),
  code: z.enum(['disconnected', 'not_a_lead', 'not_scored', 'scoring', 'parked', 'paused', 'bad_input', 'no_tasks']),
  message: z.string(),
});
export type Failure = z.infer<typeof Failure>;

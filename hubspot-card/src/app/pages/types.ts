// Made from the backend's models by `python -m backend.web.generated`. Do not edit.
import * as z from 'zod/mini';

/** A lead to call or write to. `change`: points since yesterday, null for a new lead; `url` */
export const ToDo = z.object({
  contact_id: z.string(),
  name: z.string(),
  company: z.string(),
  score: z.int(),
  fit_level: z.enum(['High', 'Medium', 'Low']),
  next_action: z.enum(['Call', 'Email', 'Nurture', '']),
  reason: z.string(),
  change: z.nullable(z.int()),
  url: z.string(),
});
export type ToDo = z.infer<typeof ToDo>;

/** GET /card/mine: in the order to work them; `total` counts those beyond the list, too. */
export const ToDoAnswer = z.object({
  ok: z.literal(true),
  is_owner: z.boolean(),
  total: z.int(),
  items: z.array(ToDo),
});
export type ToDoAnswer = z.infer<typeof ToDoAnswer>;

/** POST /card/aside */
export const PutAsideAnswer = z.object({
  ok: z.literal(true),
});
export type PutAsideAnswer = z.infer<typeof PutAsideAnswer>;

/** An expected failure; always with status 200, because HubSpot hides other statuses. */
export const Failure = z.object({
  ok: z.literal(false),
  code: z.enum(['disconnected', 'not_a_lead', 'not_scored', 'scoring', 'parked', 'paused', 'bad_input', 'no_tasks']),
  message: z.string(),
});
export type Failure = z.infer<typeof Failure>;

/** Body of POST /card/aside; `days` is for a snoozed lead. */
export type PutAsideRequest = {
  contactId: string;
  kind: 'done' | 'snoozed' | 'not_a_lead';
  days?: number;
};

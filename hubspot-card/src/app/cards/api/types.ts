// Made from the backend's models by `python -m backend.web.generated`. Do not edit.
import * as z from 'zod/mini';

/** Probability of winning within the horizon; interval and sample from out-of-fold bins. */
export const Chance = z.object({
  value: z.number(),
  low: z.number(),
  high: z.number(),
  sample: z.int(),
  horizon_days: z.int(),
  average: z.number(),
});
export type Chance = z.infer<typeof Chance>;

/** What one factor did between two scores. */
export const Change = z.object({
  text: z.string(),
  points: z.int(),
});
export type Change = z.infer<typeof Change>;

/** `text` is label and value as a person reads them. */
export const Factor = z.object({
  field: z.string(),
  label: z.string(),
  text: z.string(),
  value: z.string(),
  points: z.int(),
  group: z.string(),
  comparison: z.string(),
});
export type Factor = z.infer<typeof Factor>;

/** How far the portal is from a model of its own; counts stop at `needed`. */
export const Outcomes = z.object({
  won: z.int(),
  lost: z.int(),
  needed: z.int(),
});
export type Outcomes = z.infer<typeof Outcomes>;

/** How far the score moved since the one before, and by what. */
export const Trend = z.object({
  points: z.int(),
  since: z.string(),
  changes: z.array(Change),
});
export type Trend = z.infer<typeof Trend>;

/** Words of the lead, or about it: whose says `source`. `written_on` is a day, "" when unknown; */
export const Quote = z.object({
  text: z.string(),
  source: z.enum(['message', 'email', 'note', 'description']),
  written_on: z.string(),
  url: z.string(),
});
export type Quote = z.infer<typeof Quote>;

/** Points of one group; with 50 they add up to the score. */
export const Subtotal = z.object({
  group: z.string(),
  points: z.int(),
});
export type Subtotal = z.infer<typeof Subtotal>;

/** A field nobody has filled in, and the most it could add. */
export const Missing = z.object({
  field: z.string(),
  label: z.string(),
  could_add: z.int(),
});
export type Missing = z.infer<typeof Missing>;

/** A similar ideal client or past lead. `contact_id` only for leads of this portal. */
export const Neighbour = z.object({
  kind: z.enum(['ideal_client', 'won', 'lost']),
  label: z.string(),
  facts: z.array(z.string()),
  similarity: z.number(),
  contact_id: z.nullable(z.string()),
});
export type Neighbour = z.infer<typeof Neighbour>;

/** What the asking user said of this lead. */
export const Opinion = z.object({
  agrees: z.boolean(),
  reason: z.union([z.enum(['too_high', 'too_low', 'wrong_facts', 'missing_facts', 'bad_timing', 'known_otherwise']), z.literal('')]),
  score: z.int(),
  comment: z.string(),
});
export type Opinion = z.infer<typeof Opinion>;

/** The lead's open task of our making; `url` opens it in HubSpot, "" until HubSpot has it. */
export const LeadTask = z.object({
  created_at: z.string(),
  url: z.string(),
  failed: z.boolean(),
});
export type LeadTask = z.infer<typeof LeadTask>;

/** What a person set by hand, through which day, and why. */
export const Pinned = z.object({
  kind: z.enum(['high', 'aside']),
  until: z.string(),
  reason: z.string(),
});
export type Pinned = z.infer<typeof Pinned>;

/** Everything one paint of the sidebar card needs. */
export const Lead = z.object({
  contact_id: z.string(),
  score: z.int(),
  fit_level: z.enum(['High', 'Medium', 'Low']),
  segment: z.string(),
  times_average_odds: z.number(),
  percentile: z.nullable(z.int()),
  population_leads: z.int(),
  chance: z.nullable(Chance),
  outcomes: z.nullable(Outcomes),
  trend: z.nullable(Trend),
  since_look: z.nullable(Trend),
  next_action: z.enum(['Call', 'Email', 'Nurture', '']),
  action_reason: z.string(),
  offered: z.string(),
  reasoning: z.string(),
  quote: z.nullable(Quote),
  opener: z.string(),
  factors: z.array(Factor),
  subtotals: z.array(Subtotal),
  missing: z.array(Missing),
  neighbours: z.array(Neighbour),
  flags: z.array(z.string()),
  source: z.enum(['ai', 'rules', 'model']),
  model_version: z.int(),
  profile_version: z.int(),
  scored_at: z.string(),
  version: z.int(),
  rescoring: z.boolean(),
  problem: z.string(),
  mode: z.enum(['shadow', 'live', 'paused']),
  feedback: z.nullable(Opinion),
  makes_tasks: z.boolean(),
  task: z.nullable(LeadTask),
  pin: z.nullable(Pinned),
});
export type Lead = z.infer<typeof Lead>;

/** GET /card/lead */
export const LeadAnswer = z.object({
  ok: z.literal(true),
  lead: Lead,
});
export type LeadAnswer = z.infer<typeof LeadAnswer>;

/** One score of the past. `changes` is empty where factors are no longer kept. */
export const Moment = z.object({
  scored_at: z.string(),
  score: z.int(),
  fit_level: z.enum(['High', 'Medium', 'Low']),
  cause: z.string(),
  changes: z.array(Change),
});
export type Moment = z.infer<typeof Moment>;

/** Something that would raise the score, and by how much the formula says. */
export const Move = z.object({
  text: z.string(),
  points: z.int(),
});
export type Move = z.infer<typeof Move>;

/** Everything one paint of the tab needs. */
export const History = z.object({
  contact_id: z.string(),
  score: z.int(),
  fit_level: z.enum(['High', 'Medium', 'Low']),
  moments: z.array(Moment),
  moves: z.array(Move),
  neighbours: z.array(Neighbour),
  factors: z.array(Factor),
  subtotals: z.array(Subtotal),
});
export type History = z.infer<typeof History>;

/** GET /card/history */
export const HistoryAnswer = z.object({
  ok: z.literal(true),
  history: History,
});
export type HistoryAnswer = z.infer<typeof HistoryAnswer>;

/** Nobody of it is a lead of this company; `share` of the account's won contacts work there. */
export const AbsentDepartment = z.object({
  department: z.string(),
  share: z.number(),
});
export type AbsentDepartment = z.infer<typeof AbsentDepartment>;

/** A lead of the company; `adds` are its points of the company's score. */
export const AccountLead = z.object({
  contact_id: z.string(),
  name: z.string(),
  score: z.int(),
  fit_level: z.enum(['High', 'Medium', 'Low']),
  next_action: z.enum(['Call', 'Email', 'Nurture', '']),
  department: z.string(),
  adds: z.int(),
});
export type AccountLead = z.infer<typeof AccountLead>;

/** Everything one paint of the company card needs; `adds` of all leads make the score. */
export const Account = z.object({
  company_id: z.string(),
  score: z.int(),
  fit_level: z.enum(['High', 'Medium', 'Low']),
  leads: z.array(AccountLead),
  further: z.int(),
  absent: z.array(AbsentDepartment),
  mode: z.enum(['shadow', 'live', 'paused']),
});
export type Account = z.infer<typeof Account>;

/** GET /card/company */
export const AccountAnswer = z.object({
  ok: z.literal(true),
  account: Account,
});
export type AccountAnswer = z.infer<typeof AccountAnswer>;

/** A contact of the deal. `now` is null for one that is no lead any more, `then` for one that */
export const DealLead = z.object({
  contact_id: z.string(),
  name: z.string(),
  then: z.nullable(z.int()),
  now: z.nullable(z.int()),
});
export type DealLead = z.infer<typeof DealLead>;

/** Everything one paint of the deal card needs. `created_at` is the deal's. */
export const Deal = z.object({
  deal_id: z.string(),
  created_at: z.string(),
  leads: z.array(DealLead),
  further: z.int(),
  mode: z.enum(['shadow', 'live', 'paused']),
});
export type Deal = z.infer<typeof Deal>;

/** GET /card/deal */
export const DealAnswer = z.object({
  ok: z.literal(true),
  deal: Deal,
});
export type DealAnswer = z.infer<typeof DealAnswer>;

/** GET /card/lead-record: the contact's score; `reason` says why a lead was disqualified. */
export const LeadRecordAnswer = z.object({
  ok: z.literal(true),
  lead: Lead,
  state: z.enum(['open', 'qualified', 'disqualified']),
  reason: z.string(),
});
export type LeadRecordAnswer = z.infer<typeof LeadRecordAnswer>;

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

/** POST /card/rescore */
export const RescoreAnswer = z.object({
  ok: z.literal(true),
  rescore_id: z.string(),
});
export type RescoreAnswer = z.infer<typeof RescoreAnswer>;

/** GET /card/rescore/<id>; everything but "waiting" ends the wait. */
export const RescoreStateAnswer = z.object({
  ok: z.literal(true),
  contact_id: z.string(),
  state: z.enum(['waiting', 'changed', 'unchanged', 'failed', 'ineligible']),
  stage: z.enum(['queued', 'scoring', 'done']),
});
export type RescoreStateAnswer = z.infer<typeof RescoreStateAnswer>;

/** POST /card/feedback */
export const FeedbackAnswer = z.object({
  ok: z.literal(true),
  feedback: Opinion,
});
export type FeedbackAnswer = z.infer<typeof FeedbackAnswer>;

/** POST /card/task */
export const TaskAnswer = z.object({
  ok: z.literal(true),
  task: LeadTask,
});
export type TaskAnswer = z.infer<typeof TaskAnswer>;

/** POST /card/pin: what holds now; the score follows in a moment. */
export const PinAnswer = z.object({
  ok: z.literal(true),
  pin: z.nullable(Pinned),
});
export type PinAnswer = z.infer<typeof PinAnswer>;

/** An expected failure; always with status 200, because HubSpot hides other statuses. */
export const Failure = z.object({
  ok: z.literal(false),
  code: z.enum(['disconnected', 'not_a_lead', 'not_scored', 'scoring', 'parked', 'paused', 'bad_input', 'no_tasks']),
  message: z.string(),
});
export type Failure = z.infer<typeof Failure>;

/** Body of POST /card/rescore. */
export type RescoreRequest = {
  contactId: string;
};

/** Body of POST /card/feedback; a reason belongs to a disagreement. */
export type FeedbackRequest = {
  contactId: string;
  agrees: boolean;
  reason?: 'too_high' | 'too_low' | 'wrong_facts' | 'missing_facts' | 'bad_timing' | 'known_otherwise' | '';
  score: number;
  comment?: string;
};

/** Body of POST /card/task. */
export type TaskRequest = {
  contactId: string;
};

/** Body of POST /card/pin; `kind` "none" withdraws, and needs neither days nor reason. */
export type PinRequest = {
  contactId: string;
  kind: 'high' | 'aside' | 'none';
  days?: number;
  reason?: string;
};

import { hubspot } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { vi } from 'vitest';
import type { Factor, History, Lead } from '../src/app/cards/api/types';

type Answer = unknown;
type Responder = (body: Record<string, unknown> | undefined) => Answer | Promise<Answer>;

export const URL_ = 'https://backend.example.com';

/** A backend by path: each answers with the next of its list, the last one for ever after. */
export class Backend {
  readonly calls: { path: string; method: string; body: Record<string, unknown> | undefined }[] = [];
  private readonly answers = new Map<string, Responder[]>();

  constructor() {
    vi.spyOn(hubspot, 'fetch').mockImplementation(async (url, options) => {
      const path = String(url).replace(URL_, '').split('?')[0] ?? '';
      const method = options?.method ?? 'GET';
      this.calls.push({ path, method, body: options?.body });
      const waiting = this.answers.get(path) ?? [];
      const next = waiting.length > 1 ? waiting.shift() : waiting[0];
      if (next === undefined) {
        throw new Error(`nothing answers ${path}`);
      }
      const answer = await next(options?.body);
      return answer instanceof Response ? answer : json(answer);
    });
  }

  on(path: string, ...answers: (Answer | Responder)[]): this {
    const responders = answers.map((answer) =>
      typeof answer === 'function' ? (answer as Responder) : () => answer,
    );
    this.answers.set(path, responders);
    return this;
  }

  count(path: string): number {
    return this.calls.filter((call) => call.path === path).length;
  }
}

export function json(body: unknown, status = 200): Response {
  return new Response(JSON.stringify(body), { status });
}

/** A clone each time: a Response is read once. */
export function status(code: number): Responder {
  return () => json({ ok: false }, code);
}

export function failure(code: string, message = 'Because.'): Answer {
  return { ok: false, code, message };
}

export function answer(given: Partial<Lead> = {}): Answer {
  return { ok: true, lead: lead(given) };
}

/** An answer that comes when the test lets it. */
export function held(): { answer: Responder; release: (value: Answer) => void } {
  let release: (value: Answer) => void = () => undefined;
  const promise = new Promise<Answer>((resolve) => {
    release = resolve;
  });
  return { answer: () => promise, release: (value) => release(value) };
}

export function factor(given: Partial<Factor> = {}): Factor {
  const made = {
    field: 'industry',
    label: 'Industry',
    value: 'Logistics',
    points: 14,
    group: 'profile',
    comparison: '4.1 times as common among ideal clients',
    ...given,
  };
  return { text: `${made.label}: ${made.value}`, ...made };
}

export function lead(given: Partial<Lead> = {}): Lead {
  return {
    contact_id: '123',
    score: 86,
    fit_level: 'High',
    times_average_odds: 5.3,
    percentile: 93,
    population_leads: 1271,
    chance: null,
    outcomes: { won: 3, lost: 15, needed: 15 },
    trend: {
      points: 12,
      since: '2026-11-14T09:00:00Z',
      changes: [
        { text: 'Reply received', points: 9 },
        { text: 'Company size now known', points: 3 },
      ],
    },
    next_action: 'Call',
    action_reason: 'replied on 20 Nov and asked for a price',
    offered: '',
    reasoning: 'Strong fit by industry.',
    quote: null,
    factors: [
      factor(),
      factor({ field: 'reply', label: 'Replied', value: '20 Nov', points: 9, group: 'engagement' }),
      factor({ field: 'email_kind', label: 'Email domain', value: 'personal', points: -4 }),
      factor({ field: 'portal_average', label: 'Portal average', value: '', points: -6, group: 'portal' }),
    ],
    subtotals: [
      { group: 'profile', points: 22 },
      { group: 'engagement', points: 13 },
      { group: 'history', points: 0 },
      { group: 'model', points: 0 },
      { group: 'text', points: 0 },
      { group: 'analyst', points: 1 },
      { group: 'portal', points: 0 },
      { group: 'limit', points: 0 },
      { group: 'pin', points: 0 },
    ],
    missing: [
      { field: 'budget_range', label: 'Budget range', could_add: 0 },
      { field: 'revenue_range', label: 'Revenue range', could_add: 7 },
    ],
    neighbours: [
      { kind: 'won', label: 'Freightly', facts: ['Logistics', '201-500'], similarity: 0.91, contact_id: '55' },
      { kind: 'lost', label: 'Paperhouse', facts: ['Printing', '1-10'], similarity: 0.7, contact_id: '56' },
      { kind: 'ideal_client', label: 'Cargonaut', facts: ['Logistics'], similarity: 0.8, contact_id: null },
    ],
    flags: [],
    source: 'ai',
    model_version: 0,
    profile_version: 3,
    scored_at: '2026-11-23T02:40:00Z',
    version: 4,
    rescoring: false,
    problem: '',
    mode: 'live',
    feedback: null,
    makes_tasks: true,
    task: null,
    pin: null,
    segment: '',
    since_look: null,
    opener: '',
    ...given,
  };
}

export function past(given: Partial<History> = {}): History {
  const { contact_id, score, fit_level, neighbours, factors, subtotals } = lead();
  return {
    contact_id,
    score,
    fit_level,
    neighbours,
    factors,
    subtotals,
    moments: [
      {
        scored_at: '2026-11-20T09:00:00Z',
        score: 86,
        fit_level: 'High',
        cause: 'event',
        changes: [{ text: 'Replied on 20 Nov', points: 9 }],
      },
      { scored_at: '2026-11-14T09:00:00Z', score: 77, fit_level: 'Medium', cause: 'backfill', changes: [] },
    ],
    moves: [{ text: 'A meeting is booked', points: 8 }],
    ...given,
  };
}

type Location = 'crm.record.sidebar' | 'crm.record.tab';

export function renderer<Where extends Location>(location: Where) {
  const made = createRenderer(location);
  (made.mocks.context as { variables?: Record<string, string> }).variables = { BACKEND_URL: URL_ };
  made.mocks.context.portal.timezone = 'UTC';
  return made;
}

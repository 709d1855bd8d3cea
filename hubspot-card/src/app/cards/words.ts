import type { Problem } from './api/client';
import type { AbsentDepartment, Account, Chance, DealLead, Lead, Quote, Subtotal, Trend } from './api/types';
import type { Reason } from './hooks/useFeedback';
import { CAUSES, FLAGS, GROUPS, NEIGHBOURS } from './api/vocabulary';
import type { RescoreState } from './hooks/useRescore';

/** Every word the cards say, apart from labels and values that come with a score. */

const ALWAYS_SHOWN = new Set(['profile', 'engagement', 'history', 'text', 'analyst']);

export const REASONS: { value: Reason; label: string }[] = [
  { value: 'too_high', label: 'The score is too high' },
  { value: 'too_low', label: 'The score is too low' },
  { value: 'wrong_facts', label: 'A fact about the lead is wrong' },
  { value: 'missing_facts', label: 'Something important is missing' },
  { value: 'bad_timing', label: 'Good fit, wrong time' },
  { value: 'known_otherwise', label: 'I know better from talking to them' },
];

/** The reasons that fit what the lead was called. */
export function reasonsFor(band: Lead['fit_level']): { value: Reason; label: string }[] {
  const odd: Reason | null = band === 'High' ? 'too_low' : band === 'Low' ? 'too_high' : null;
  return REASONS.filter((one) => one.value !== odd);
}

export const words = {
  loading: 'Reading the score',
  loadingHistory: 'Reading the history',
  retry: 'Try again',
  checkAgain: 'Check again',
  rescore: 'Rescore',
  scoreNow: 'Score now',
  createTask: 'Create task',
  writeEmail: 'Write email',
  task: {
    open: 'Open task',
    waiting: 'The task is being created.',
    failed: 'HubSpot has not taken the task yet. Your operator has been told.',
    unreachable: 'Leadlight cannot be reached; no task was created. Try again.',
  },
  pin: {
    open: 'Set by hand',
    what: 'Set by hand',
    kinds: [
      { value: 'high', label: 'High: work it now' },
      { value: 'aside', label: 'Set aside: not now' },
    ],
    howLong: 'For how long',
    days: [
      { value: '7', label: '7 days' },
      { value: '14', label: '14 days' },
      { value: '30', label: '30 days' },
      { value: '90', label: '90 days' },
    ],
    why: 'Why?',
    whyFor: 'Your team sees this. It teaches the model nothing.',
    set: 'Set',
    withdraw: 'Withdraw',
    unreachable: 'Leadlight cannot be reached; nothing was set. Try again.',
  },
  opener: { title: 'To begin with', copy: 'Copy', copied: 'Copied' },
  ownWords: 'In your own words (optional)',
  ownWordsFor: 'For your team only; it changes no score.',
  startsAt: 'The same for every lead, so that 50 is your average lead',
  agree: 'Agree',
  disagree: 'Disagree',
  send: 'Send',
  cancel: 'Cancel',
  whyDisagree: 'What is wrong?',
  agreed: 'You agree',
  disagreed: 'You disagree',
  change: 'Change',
  feedbackFailed: 'Your feedback could not be stored. Try again.',
  next: 'Next',
  noAction: 'no sales action',
  quoted: {
    message: 'The lead’s own words, from a form',
    email: 'From an email',
    note: 'From a colleague’s note',
    description: 'From the company’s description',
  },
  openInHubSpot: 'Open in HubSpot',
  why: 'Why',
  forIt: 'Speaks for it',
  againstIt: 'Speaks against it',
  nothingAgainst: 'Nothing counts against this lead.',
  nothingFor: 'Nothing speaks for this lead yet.',
  missing: 'Missing',
  similar: 'Similar',
  ideal: 'Ideal clients like this one',
  won: 'Won',
  lost: 'Lost',
  none: 'none',
  inWords: 'In words',
  shadow: 'Preview: scores are not written to HubSpot yet.',
  paused: 'Scoring is paused for this account. This is the last score.',
  stale: {
    title: 'Not up to date',
    text: 'Leadlight cannot be reached at the moment. This is the last score the card has seen.',
  },
  scoring: {
    title: 'Being scored',
    text: 'The score appears here by itself, usually within a few seconds.',
  },
  updating: 'Something changed in the record; a new score is on its way.',
  notScored: {
    title: 'Not scored yet',
    text: 'This lead has no score so far. Scoring it takes a few seconds.',
  },
  parked: {
    title: 'Scoring failed',
    text: 'Scoring this lead failed several times. Your operator has been told; you can try again.',
  },
  notALead: { title: 'Not scored: not a lead' },
  notEnough: {
    title: 'Not enough data',
    text: 'Little is known about this lead, so the score may move a lot once more is filled in.',
  },
  disconnected: {
    title: 'This account is not connected',
    text: 'An admin has to connect HubSpot to Leadlight again: Settings → Integrations → Connected apps.',
  },
  problems: {
    no_permission: {
      title: 'No permission',
      text: 'Leadlight did not accept this request. Ask your admin whether the app is installed with the right permissions.',
    },
    unknown_contact: {
      title: 'New to Leadlight',
      text: 'This contact has not arrived yet. New contacts are usually scored within a minute.',
    },
    unavailable: {
      title: 'The score cannot be read',
      text: 'Leadlight cannot be reached at the moment. Nothing is lost; try again in a minute.',
    },
  } satisfies Record<Problem, { title: string; text: string }>,
  table: {
    field: 'Field',
    value: 'Value',
    points: 'Points',
    when: 'When',
    score: 'Score',
    cause: 'Cause',
    changed: 'What changed',
    who: 'Client',
    outcome: 'Outcome',
    alike: 'Alike',
    comparison: 'Among ideal clients',
  },
  tab: {
    history: 'How the score came about',
    moves: 'What would move it',
    noMoves: 'Nothing that could be filled in or done would add a point by itself.',
    neighbours: 'Similar clients',
    noNeighbours: 'No similar clients known yet.',
    factors: 'Every factor',
    sum: 'The sum',
    chart: 'Score over time',
    firstScore: 'First score',
    noDetail: 'Details of this score are no longer kept.',
  },
  account: {
    none: 'No leads yet',
    leads: 'Its leads, best first',
    further: (leads: number) => `and ${leads} more`,
    adds: (points: string) => `${points} for the company`,
  },
  deal: {
    none: 'No scores',
    title: (created: string) => `Scores when the deal was created (${created}), and now`,
  },
  leadRecord: {
    none: 'No score yet',
    contact: 'Open the contact to rescore or comment',
  },
  start: 'Average lead',
  kinds: NEIGHBOURS,
};

export function fit(lead: Pick<Lead, 'fit_level'>): string {
  return `${lead.fit_level} fit`;
}

/** "+14", "−4", "0": with the sign that reads as minus. */
export function signed(points: number): string {
  if (points === 0) {
    return '0';
  }
  return points > 0 ? `+${points}` : `−${-points}`;
}

export function times(lead: Lead): string {
  const { times_average_odds: odds } = lead;
  if (odds >= 0.95 && odds < 1.05) {
    return 'Average odds';
  }
  return odds >= 1
    ? `${number(odds)} times the average odds`
    : `${percent(odds)} of the average odds`;
}

export function chance({ value, low, high, sample, horizon_days: days, average }: Chance): string {
  const interval = `${percentNumber(low)}–${percent(high)}`;
  const all = average > 0 ? `; ${percent(average)} of all leads do` : '';
  return `${percent(value)} win within ${days} days (${interval}, ${sample} like this)${all}`;
}

/** What the headline says: odds only where outcomes stand behind them. */
export function standing(lead: Lead): string {
  if (lead.chance !== null) {
    return times(lead);
  }
  if (lead.percentile === null) {
    return 'Scored by your ideal client profile';
  }
  return lead.percentile >= 1
    ? `Fits your profile better than ${lead.percentile} % of your leads`
    : 'Fits your profile less than nearly all of your leads';
}

/** How the number compares; 50 is the portal's average lead. */
export function compared(score: number): string {
  const points = Math.abs(score - 50);
  const unit = points === 1 ? 'point' : 'points';
  return points === 0
    ? 'As good as your average lead'
    : `${points} ${unit} ${score > 50 ? 'above' : 'below'} your average lead`;
}

/** "72 then, 88 now (+16)"; a customer has no score now, a new contact had none then. */
export function thenAndNow({ then, now }: DealLead): string {
  if (then === null) {
    return `No score then, ${now === null ? 'none now' : `${now} now`}`;
  }
  return now === null
    ? `${then} then; no lead any more`
    : `${then} then, ${now} now (${signed(now - then)})`;
}

/** How the company's score adds up. */
export function accountSum({ leads, score }: Account): string {
  const best = leads[0]?.score ?? 0;
  const added = leads.slice(1).filter((lead) => lead.adds > 0).length;
  if (added === 0) {
    return 'The score of its best lead; nobody else is engaged yet';
  }
  const who = added === 1 ? 'another engaged person' : `${added} more engaged people`;
  return `Best lead ${best}, ${signed(score - best)} for ${who}`;
}

export function absent({ department, share }: AbsentDepartment): string {
  return `Nobody in ${department} yet. ${percent(share)} of the contacts you won work there.`;
}

export function trend({ points, since, changes }: Trend, timezone: string): string {
  const moved = points > 0 ? `Up ${points}` : `Down ${-points}`;
  const reasons = changes.map((change) => lowerFirst(change.text)).join(', ');
  return `${moved} since ${day(since, timezone)}${reasons === '' ? '' : `: ${reasons}`}`;
}

/** What is new for whoever looks at this card, since their last visit. */
export function sinceLook({ points, since, changes }: Trend, timezone: string): string {
  const looked = day(since, timezone);
  if (points === 0 && changes.length === 0) {
    return `Nothing new since you looked on ${looked}.`;
  }
  const moved = points === 0 ? 'same score' : points > 0 ? `up ${points}` : `down ${-points}`;
  return `Since you looked on ${looked}: ${[moved, ...changes.map((one) => lowerFirst(one.text))].join(', ')}`;
}

/** "High until 13 Dec: met at the fair" */
export function pinned({ kind, until, reason }: NonNullable<Lead['pin']>, timezone: string): string {
  const what = kind === 'high' ? 'Set to High by hand' : 'Set aside by hand';
  return `${what} until ${day(until, timezone)}: ${reason}`;
}

export function couldAdd(points: number): string {
  return points > 0 ? ` (could add up to ${points})` : '';
}

export function sum(subtotals: Subtotal[], score: number): string {
  const portal = subtotals.find((part) => part.group === 'portal')?.points ?? 0;
  const parts = subtotals
    .filter((part) => part.group !== 'portal')
    .filter((part) => part.points !== 0 || ALWAYS_SHOWN.has(part.group))
    .map((part) => `${groupName(part.group)} ${signed(part.points)}`);
  return `Every lead starts at ${50 + portal} · ${parts.join(' · ')} = ${score}`;
}

export function groupName(group: string): string {
  return GROUPS[group] ?? group;
}

export function causeName(cause: string): string {
  return CAUSES[cause] ?? 'Scored';
}

/** Notices in words, each once. "Not enough data" has a place of its own; a budget that is used up
 * explains what is missing by itself. */
export function notices(flags: string[]) {
  const spent = flags.includes('over_budget');
  const all = flags.flatMap((flag) => {
    const said = flag === 'little_known' || (spent && flag.endsWith('_away')) ? null : FLAGS[flag];
    return said ? [{ flag, ...said }] : [];
  });
  return all.filter((one, at) => all.findIndex((other) => other.title === one.title) === at);
}

/** Whose words a quote is, and of which day. */
export function quotedFrom(quote: Quote): string {
  const from = words.quoted[quote.source];
  return quote.written_on === '' ? from : `${from}, ${day(quote.written_on, 'UTC')}`;
}

export function nextAction(lead: Pick<Lead, 'next_action'>): string {
  return lead.next_action === '' ? words.noAction : lead.next_action;
}

/** Why a lead record that is closed shows no action. */
export function closedLead(state: 'qualified' | 'disqualified', reason: string): string {
  if (state === 'qualified') {
    return 'Qualified: this lead is done, its work goes on with the deal.';
  }
  return reason === '' ? 'Disqualified: nothing to do.' : `Disqualified (${reason}): nothing to do.`;
}

export function nextSentence(lead: Lead): string {
  return upperFirst(lead.action_reason);
}

/** Where the lead's task is: open since a day, on its way, or refused. */
export function taskLine(task: NonNullable<Lead['task']>, timezone: string): string {
  if (task.failed) {
    return words.task.failed;
  }
  return task.url === '' ? words.task.waiting : `Task open since ${day(task.created_at, timezone)}.`;
}

const BY_SOURCE = { ai: ' with analyst', rules: ' with rules', model: '' };

export function scoredBy(lead: Lead, timezone: string): string {
  const by = lead.model_version > 0 ? `model ${lead.model_version}` : 'formula';
  const analyst = BY_SOURCE[lead.source];
  const profile = lead.profile_version > 0 ? ` · profile ${lead.profile_version}` : '';
  return `Scored ${moment(lead.scored_at, timezone)} · ${by}${analyst}${profile}`;
}

export function segment(name: string): string {
  return `Segment: ${name}`;
}

export function allFactors(count: number): string {
  return `All ${count} factors`;
}

export function similarTitle(count: number): string {
  return `Similar clients (${count})`;
}

export function alike(similarity: number): string {
  return `${Math.round(100 * Math.max(0, similarity))} %`;
}

export function stageWords(stage: 'asking' | 'queued' | 'scoring'): { text: string; step: number } {
  const steps = {
    asking: { text: 'Asking for a new score …', step: 1 },
    queued: { text: 'Waiting for a free worker …', step: 2 },
    scoring: { text: 'Reading HubSpot and scoring …', step: 3 },
  };
  return steps[stage];
}

export const RESCORE_STEPS = 4;

/** `isNews`: worth a toast besides the card's own line. */
export type Verdict = { text: string; isNews?: true };

/** How a rescore ended, honestly: that nothing changed is an answer. */
export function verdict(state: RescoreState, before: number, now: number): Verdict | null {
  switch (state.status) {
    case 'refused':
      return { text: state.failure.message };
    case 'unreachable':
      return { text: 'Leadlight cannot be reached; the score stays as it was.' };
    case 'finished':
      return ended(state.outcome, before, now);
    default:
      return null;
  }
}

function ended(
  outcome: (RescoreState & { status: 'finished' })['outcome'],
  before: number,
  now: number,
): Verdict {
  switch (outcome) {
    case 'changed':
      return { text: `New score: ${now}, was ${before}.`, isNews: true };
    case 'unchanged':
      return { text: `Scored again, unchanged at ${now}: nothing that counts is new.` };
    case 'ineligible':
      return { text: 'This contact is no longer a lead.' };
    case 'failed':
      return { text: 'Scoring failed; an operator has been told.' };
    case 'slow':
      return { text: 'This takes longer than usual; the card follows by itself.' };
  }
}

/** "14 Nov", "14 Nov 2025": dates, because "2 days ago" grows wrong on an open page. */
export function day(iso: string, timezone: string): string {
  return format(iso, timezone, { day: 'numeric', month: 'short' });
}

export function moment(iso: string, timezone: string): string {
  const clock = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  return format(iso, timezone, { day: 'numeric', month: 'short', ...clock });
}

function format(iso: string, timezone: string, options: Intl.DateTimeFormatOptions): string {
  const at = new Date(iso);
  const zone = known(timezone);
  const year = (when: Date) =>
    new Intl.DateTimeFormat('en-GB', { year: 'numeric', timeZone: zone }).format(when);
  const shown = year(at) === year(new Date()) ? options : { ...options, year: 'numeric' as const };
  return new Intl.DateTimeFormat('en-GB', { ...shown, timeZone: zone }).format(at);
}

/** The portal's zone, UTC where this browser does not know it. */
function known(timezone: string): string {
  try {
    return new Intl.DateTimeFormat('en-GB', { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return 'UTC';
  }
}

function number(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 10) / 10);
}

function percent(share: number): string {
  return `${percentNumber(share)} %`;
}

function percentNumber(share: number): string {
  const hundred = 100 * share;
  return hundred < 1 && hundred > 0 ? hundred.toFixed(1) : String(Math.round(hundred));
}

export function upperFirst(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

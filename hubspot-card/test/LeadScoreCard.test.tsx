import {
  Button,
  EmptyState,
  ErrorState,
  Flex,
  Link,
  LoadingButton,
  LoadingSpinner,
  ProgressBar,
  ScoreCircle,
  Select,
  StatusTag,
  Text,
  TextArea,
} from '@hubspot/ui-extensions';
import { CrmActionButton } from '@hubspot/ui-extensions/crm';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { LeadScoreCard } from '../src/app/cards/LeadScoreCard';
import { answer, Backend, failure, held, json, renderer, status } from './backend';

const LEAD = '/card/lead';
const RESCORE = '/card/rescore';
const STATE = '/card/rescore/r1';
const ASKED = { ok: true, rescore_id: 'r1' };
const state = (value: string, stage = 'done') => ({ ok: true, contact_id: '123', state: value, stage });

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-29T12:00:00Z') });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.useRealTimers();
});

function open(backend: Backend) {
  void backend;
  const card = renderer('crm.record.sidebar');
  card.render(<LeadScoreCard />);
  const text = () => card.findAll(Text).map((node) => node.toString()).join(' ');
  return Object.assign(card, { text });
}

async function opened(...leads: unknown[]) {
  const backend = new Backend().on(LEAD, ...leads);
  const card = open(backend);
  await card.waitFor(() => {
    expect(card.find(ScoreCircle)).toBeTruthy();
  });
  return { backend, card };
}

describe('a scored lead', () => {
  it('paints from one request: score, fit, standing, next action, reasons and their sum', async () => {
    const { backend, card } = await opened(answer());
    expect(backend.calls).toEqual([{ path: LEAD, method: 'GET', body: undefined }]);
    expect(card.find(ScoreCircle).props.score).toBe(86);
    expect(card.find(StatusTag).text).toBe('High fit');
    expect(card.findByTestId(Text, 'standing').text).toBe(
      'Fits your profile better than 93 % of your leads',
    );
    expect(card.findByTestId(Text, 'next').text).toBe('Next: Call');
    expect(card.findByTestId(Text, 'next-reason').text).toBe(
      'Replied on 20 Nov and asked for a price',
    );
    expect(card.findByTestId(Text, 'sum').text).toBe(
      'Every lead starts at 50 · profile +22 · engagement +13 · history 0 · text 0 · analyst +1 = 86',
    );
    expect(card.findByTestId(Text, 'missing').text).toContain('Revenue range (could add up to 7)');
    expect(card.findByTestId(Text, 'similar').text).toContain('won: Freightly · lost: Paperhouse');
    expect(card.findByTestId(Text, 'scored-by').text).toContain('23 Nov, 02:40');
  });

  it('names the segment as text, and nothing where there is none', async () => {
    const { card } = await opened(answer({ segment: '<b>DACH</b>' }));
    expect(card.findByTestId(Text, 'segment').text).toBe('Segment: <b>DACH</b>');
    const other = await opened(answer());
    expect(other.card.maybeFindByTestId(Text, 'segment')).toBeNull();
  });

  it.each([
    [86, '36 points above your average lead'],
    [49, '1 point below your average lead'],
    [50, 'As good as your average lead'],
  ])('says how a score of %i compares instead of odds without a model', async (score, text) => {
    const { card } = await opened(answer({ score }));
    expect(card.findByTestId(Text, 'compared').text).toBe(text);
    expect(card.text()).not.toContain('model can be trained');
    expect(card.maybeFindByTestId(Text, 'chance')).toBeNull();
    expect(card.text()).not.toContain('average odds');
  });

  it('shows odds and chance with interval and sample once a model is published', async () => {
    const range = { low: 0.17, high: 0.32, sample: 143 };
    const chance = { value: 0.24, ...range, horizon_days: 120, average: 0.056 };
    const { card } = await opened(answer({ chance, outcomes: null, model_version: 12 }));
    expect(card.findByTestId(Text, 'standing').text).toBe('5.3 times the average odds');
    expect(card.findByTestId(Text, 'chance').text).toBe(
      '24 % win within 120 days (17–32 %, 143 like this); 6 % of all leads do',
    );
    expect(card.findByTestId(Text, 'scored-by').text).toContain('model 12');
  });

  it('says since when and by what the score moved, with a date', async () => {
    const { card } = await opened(answer());
    expect(card.findByTestId(Text, 'trend').text).toContain(
      'Up 12 since 14 Nov: reply received, company size now known',
    );
  });

  it('gives the year when it is another one, and days in the portal’s zone', async () => {
    const trend = { points: 3, since: '2025-12-31T23:30:00Z', changes: [] };
    const shown = (zone: string) => {
      const card = renderer('crm.record.sidebar');
      card.mocks.context.portal.timezone = zone;
      card.render(<LeadScoreCard />);
      return card;
    };
    new Backend().on(LEAD, answer({ trend }));
    for (const [zone, text] of [
      ['UTC', 'Up 3 since 31 Dec 2025'],
      ['Europe/Berlin', 'Up 3 since 1 Jan'],
      ['Nowhere/Land', 'Up 3 since 31 Dec 2025'],
    ] as const) {
      const card = shown(zone);
      await card.waitFor(() => {
        expect(card.findByTestId(Text, 'trend').text).toMatch(new RegExp(`${text}$`));
      });
    }
  });

  it('folds the portal’s average into where every lead starts', async () => {
    const subtotals = [
      { group: 'profile', points: 22 },
      { group: 'portal', points: -5 },
    ];
    const { card } = await opened(answer({ subtotals, score: 67 }));
    expect(card.findByTestId(Text, 'sum').text).toBe('Every lead starts at 45 · profile +22 = 67');
  });

  it('says beside the next step why a Low lead is to be called once', async () => {
    const told = 'Offered to learn from: low score, chosen at random; call once';
    const { card } = await opened(answer({ fit_level: 'Low', next_action: 'Nurture', offered: told }));
    expect(card.findByTestId(Text, 'next').text).toBe('Next: Nurture');
    expect(card.findByTestId(Text, 'offered').text).toBe(told);
    const { card: other } = await opened(answer({}));
    expect(other.maybeFindByTestId(Text, 'offered')).toBeNull();
  });

  it('opens the email composer where an email is next', async () => {
    const { card } = await opened(answer({ next_action: 'Email' }));
    expect(card.find(CrmActionButton).props.actionType).toBe('SEND_EMAIL');
    expect(card.find(CrmActionButton).text).toBe('Write email');
  });

  it('creates a task by one press, once, and shows the open one from then on', async () => {
    const task = { created_at: '2026-11-29T12:00:00Z', url: '', failed: false };
    const slow = held();
    const { backend, card } = await opened(answer(), answer({ task: { ...task, url: 'https://app.hubspot.com/x' } }));
    backend.on('/card/task', slow.answer);
    card.findByTestId(LoadingButton, 'create-task').trigger('onClick');
    card.findByTestId(LoadingButton, 'create-task').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(LoadingButton, 'create-task').props.loading).toBe(true);
    });
    slow.release({ ok: true, task });
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'open-task').text).toContain('The task is being created.');
    });
    expect(card.maybeFindByTestId(LoadingButton, 'create-task')).toBeNull();
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'open-task').text).toContain('Task open since 29 Nov.');
      expect(card.find(Link, { href: 'https://app.hubspot.com/x' })).toBeTruthy();
    });
    expect(backend.calls.filter((call) => call.path === '/card/task')).toEqual([
      { path: '/card/task', method: 'POST', body: { contactId: '123' } },
    ]);
  });

  it.each([
    [failure('no_tasks', 'Tasks are not written to this account now.'), 'Tasks are not written'],
    [status(503), 'no task was created'],
  ])('says why no task was created', async (given, words) => {
    const { backend, card } = await opened(answer());
    backend.on('/card/task', given);
    card.findByTestId(LoadingButton, 'create-task').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'task-problem').text).toContain(words);
    });
    expect(card.findByTestId(LoadingButton, 'create-task').props.loading).toBe(false);
  });

  it('opens HubSpot’s own form where tasks are not written by the backend', async () => {
    const { card } = await opened(answer({ makes_tasks: false }));
    const button = card.find(CrmActionButton);
    expect(button.props).toMatchObject({
      actionType: 'ADD_TASK',
      actionContext: { objectTypeId: '0-1', objectId: 123 },
      variant: 'primary',
    });
    const others = [...card.findAll(Button), ...card.findAll(LoadingButton)];
    expect(others.filter((node) => node.props.variant === 'primary')).toHaveLength(0);
  });

  it('quotes the lead, says whose words they are and of which day, and links to them', async () => {
    const quote = {
      text: 'Could you send us a quote?',
      source: 'message' as const,
      written_on: '2026-11-20',
      url: 'https://app.hubspot.com/contacts/1/record/0-1/123',
    };
    const { card } = await opened(answer({ quote }));
    const shown = card.text();
    expect(shown).toContain('“Could you send us a quote?”');
    expect(shown).toContain('The lead’s own words, from a form, 20 Nov');
    expect(card.find(Link).props.href).toBe(quote.url);
    const without = await opened(answer());
    expect(without.card.maybeFindByTestId(Flex, 'quote')).toBeNull();
  });

  it('says that there is nothing to sell instead of an action', async () => {
    const { card } = await opened(
      answer({ next_action: '', action_reason: 'In a deal: Contract sent, closes 21 Dec' }),
    );
    expect(card.findByTestId(Text, 'next').text).toBe('Next: no sales action');
    expect(card.findByTestId(Text, 'next-reason').text).toContain('Contract sent');
  });

  it('draws hostile values as text', async () => {
    const { card } = await opened(answer({ action_reason: '<img src=x onerror=alert(1)>' }));
    expect(card.findByTestId(Text, 'next-reason').text).toBe('<img src=x onerror=alert(1)>');
  });

  it('warns of injected instructions and of little data', async () => {
    const { card } = await opened(answer({ flags: ['manipulation_suspected', 'little_known'] }));
    const shown = card.getRootNode().toString();
    expect(shown).toContain('Text tries to influence the score');
    expect(shown).toContain('Not enough data');
  });

  it('says that a portal is in preview', async () => {
    const { card } = await opened(answer({ mode: 'shadow' }));
    expect(card.findByTestId(Text, 'mode').text).toContain('not written to HubSpot');
  });
});

describe('a lead without a score to show', () => {
  it('shows a labelled spinner while loading', () => {
    const card = open(new Backend().on(LEAD, held().answer));
    expect(card.find(LoadingSpinner).props.label).toBe('Reading the score');
  });

  it.each([
    ['disconnected', ErrorState, 'This account is not connected'],
    ['not_a_lead', EmptyState, 'Not scored: not a lead'],
    ['not_scored', EmptyState, 'Not scored yet'],
    ['parked', EmptyState, 'Scoring failed'],
  ] as const)('%s has a view of its own', async (code, component, title) => {
    const card = open(new Backend().on(LEAD, failure(code)));
    await card.waitFor(() => {
      expect((card.find(component) as { props: { title?: string } }).props.title).toBe(title);
    });
  });

  it.each([
    [401, 'No permission'],
    [404, 'New to Leadlight'],
    [502, 'The score cannot be read'],
  ])('status %i is explained and can be tried again', async (code, title) => {
    const backend = new Backend().on(LEAD, status(code), answer());
    const card = open(backend);
    await card.waitFor(() => {
      expect(card.find(ErrorState).props.title).toBe(title);
    });
    card.findByTestId(Button, 'retry').trigger('onClick');
    await card.waitFor(() => {
      expect(card.find(ScoreCircle).props.score).toBe(86);
    });
  });

  it.each([
    ['an answer of another shape', { ok: true, lead: { score: 'high' } }],
    ['no JSON', () => new Response('<html>')],
  ])('treats %s as an outage', async (_name, odd) => {
    const card = open(new Backend().on(LEAD, odd));
    await card.waitFor(() => {
      expect(card.find(ErrorState).props.title).toBe('The score cannot be read');
    });
  });

  it('treats a lost connection as an outage', async () => {
    const card = open(new Backend());
    await card.waitFor(() => {
      expect(card.find(ErrorState).props.type).toBe('error');
    });
  });

  it('follows a lead that is being scored until the score is there', async () => {
    const card = open(new Backend().on(LEAD, failure('scoring'), answer()));
    await card.waitFor(() => {
      expect(card.find(LoadingSpinner).props.label).toBe('Being scored');
    });
    await card.waitFor(
      () => {
        expect(card.find(ScoreCircle).props.score).toBe(86);
      },
      { timeoutInMs: 4_000 },
    );
  });

  it('can be scored now', async () => {
    const backend = new Backend()
      .on(LEAD, failure('not_scored'), answer({ score: 61 }))
      .on(RESCORE, ASKED)
      .on(STATE, state('changed'));
    const card = open(backend);
    await card.waitFor(() => {
      expect(card.findByTestId(LoadingButton, 'score-now').props.variant).toBe('primary');
    });
    card.findByTestId(LoadingButton, 'score-now').trigger('onClick');
    await card.waitFor(() => {
      expect(card.find(ScoreCircle).props.score).toBe(61);
    });
  });
});

describe('rescore', () => {
  it('shows progress, then the new score and a toast, and refreshes the record', async () => {
    const { backend, card } = await opened(answer(), answer({ score: 91 }));
    const polled = held();
    backend.on(RESCORE, ASKED).on(STATE, state('waiting', 'scoring'), polled.answer);
    card.findByTestId(LoadingButton, 'rescore').trigger('onClick');
    expect(card.findByTestId(LoadingButton, 'rescore').props.loading).toBe(true);
    await card.waitFor(() => {
      expect(card.find(ProgressBar).props['aria-label']).toBe('Reading HubSpot and scoring …');
    });
    expect(card.find(ScoreCircle).props.score).toBe(86);
    polled.release(state('changed'));
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'verdict').text).toBe('New score: 91, was 86.');
    });
    expect(card.find(ScoreCircle).props.score).toBe(91);
    expect(card.maybeFind(ProgressBar)).toBeNull();
    await vi.waitFor(() => {
      expect(card.mocks.actions.addAlert.callCount).toBe(1);
      expect(card.mocks.actions.refreshObjectProperties.callCount).toBe(1);
    });
    expect(backend.calls.find((call) => call.path === RESCORE)?.body).toEqual({ contactId: '123' });
  });

  it('says honestly that nothing changed and ends the wait', async () => {
    const { backend, card } = await opened(answer());
    backend.on(RESCORE, ASKED).on(STATE, state('unchanged'));
    card.findByTestId(LoadingButton, 'rescore').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'verdict').text).toContain('unchanged at 86');
    });
    expect(card.findByTestId(LoadingButton, 'rescore').props.loading).toBe(false);
  });

  it('starts once however often it is pressed', async () => {
    const { backend, card } = await opened(answer());
    backend.on(RESCORE, ASKED).on(STATE, state('unchanged'));
    const button = card.findByTestId(LoadingButton, 'rescore');
    button.trigger('onClick');
    button.trigger('onClick');
    button.trigger('onClick');
    await card.waitFor(() => {
      expect(card.maybeFindByTestId(Text, 'verdict')).not.toBeNull();
    });
    expect(backend.count(RESCORE)).toBe(1);
  });

  it.each([
    ['a refusal', failure('paused', 'Scoring is paused for this account.'), 'paused'],
    ['an outage', status(502), 'cannot be reached'],
  ])('keeps the score after %s', async (_name, answered, said) => {
    const { backend, card } = await opened(answer());
    backend.on(RESCORE, answered);
    card.findByTestId(LoadingButton, 'rescore').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'verdict').text).toContain(said);
    });
    expect(card.find(ScoreCircle).props.score).toBe(86);
  });

  it.each(['failed', 'ineligible'])('tells that it ended as %s', async (outcome) => {
    const { backend, card } = await opened(answer());
    backend.on(RESCORE, ASKED).on(STATE, state(outcome));
    card.findByTestId(LoadingButton, 'rescore').trigger('onClick');
    await card.waitFor(() => {
      expect(card.maybeFindByTestId(Text, 'verdict')).not.toBeNull();
    });
  });
});

describe('what happens meanwhile', () => {
  it('a late answer never overwrites a newer one', async () => {
    const slow = held();
    const backend = new Backend().on(LEAD, slow.answer, answer({ score: 70 }));
    const card = open(backend);
    await vi.waitFor(() => {
      expect(card.mocks.actions.onCrmPropertiesUpdate.callCount).toBe(1);
    });
    const [, changed] = card.mocks.actions.onCrmPropertiesUpdate.calls[0] ?? [];
    changed?.({});
    await card.waitFor(() => {
      expect(card.find(ScoreCircle).props.score).toBe(70);
    });
    slow.release(answer({ score: 12 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(card.find(ScoreCircle).props.score).toBe(70);
  });

  it('a changed property is followed until the new score is there', async () => {
    const { card } = await opened(answer(), answer({ rescoring: true }), answer({ score: 90 }));
    const [, changed] = card.mocks.actions.onCrmPropertiesUpdate.calls[0] ?? [];
    changed?.({ jobtitle: 'CFO' });
    await card.waitFor(
      () => {
        expect(card.find(ScoreCircle).props.score).toBe(90);
      },
      { timeoutInMs: 5_000 },
    );
  });

  it('an outage keeps what is known and says that it is not up to date', async () => {
    const { card } = await opened(answer(), status(502));
    const [, changed] = card.mocks.actions.onCrmPropertiesUpdate.calls[0] ?? [];
    changed?.({});
    await card.waitFor(() => {
      expect(card.getRootNode().toString()).toContain('Not up to date');
    });
    expect(card.find(ScoreCircle).props.score).toBe(86);
  });
});

describe('feedback', () => {
  const FEEDBACK = '/card/feedback';

  it('agreeing is stored and shown', async () => {
    const { backend, card } = await opened(answer());
    backend.on(FEEDBACK, { ok: true, feedback: { agrees: true, reason: '', score: 86, comment: '' } });
    card.findByTestId(Button, 'agree').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'given').text).toBe('You agree');
    });
    expect(backend.calls.at(-1)?.body).toEqual({ contactId: '123', agrees: true, reason: '', score: 86, comment: '' });
  });

  it('disagreeing asks for a reason of a closed list', async () => {
    const { backend, card } = await opened(answer());
    backend.on(FEEDBACK, { ok: true, feedback: { agrees: false, reason: 'bad_timing', score: 86, comment: '' } });
    card.findByTestId(Button, 'disagree').trigger('onClick');
    const offered = card.find(Select).props.options.map((one) => one.value);
    expect(offered).toContain('too_high');
    expect(offered).not.toContain('too_low');
    card.find(Select).trigger('onChange', 'bad_timing' as never);
    card.find(TextArea).trigger('onChange', 'Budget is frozen until May' as never);
    card.findByTestId(Button, 'send-feedback').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'given').text).toBe('You disagree: good fit, wrong time');
    });
    expect(backend.calls.at(-1)?.body).toMatchObject({
      agrees: false,
      reason: 'bad_timing',
      comment: 'Budget is frozen until May',
    });
  });

  it('offers for a Low lead that it is too low, never that it is too high', async () => {
    const { card } = await opened(answer({ fit_level: 'Low', score: 20 }));
    card.findByTestId(Button, 'disagree').trigger('onClick');
    const offered = card.find(Select).props.options.map((one) => one.value);
    expect(offered).toContain('too_low');
    expect(offered).not.toContain('too_high');
  });

  it('says when it could not be stored', async () => {
    const { backend, card } = await opened(answer());
    backend.on(FEEDBACK, json({}, 502));
    card.findByTestId(Button, 'agree').trigger('onClick');
    await card.waitFor(() => {
      expect(card.maybeFindByTestId(Text, 'feedback-failed')).not.toBeNull();
    });
  });

  it('shows what was said before', async () => {
    const { card } = await opened(answer({ feedback: { agrees: true, reason: '', score: 80, comment: '' } }));
    expect(card.findByTestId(Text, 'given').text).toBe('You agree');
    expect(card.maybeFindByTestId(Button, 'agree')).toBeNull();
  });
});

describe('set by hand', () => {
  const PIN = '/card/pin';
  const set = { kind: 'high', until: '2026-12-13T09:00:00Z', reason: 'met at the fair' } as const;

  it('asks for the band, the days and the reason, and shows what holds', async () => {
    const { backend, card } = await opened(answer());
    backend.on(PIN, { ok: true, pin: set });
    card.findByTestId(Button, 'set-by-hand').trigger('onClick');
    card.findByTestId(TextArea, 'pin-reason').trigger('onChange', 'met at the fair' as never);
    card.findByTestId(Select, 'pin-days').trigger('onChange', '30' as never);
    card.findByTestId(Button, 'send-pin').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'pinned').text).toBe(
        'Set to High by hand until 13 Dec: met at the fair',
      );
    });
    expect(backend.calls.find((call) => call.path === PIN)?.body).toEqual({
      contactId: '123',
      kind: 'high',
      days: 30,
      reason: 'met at the fair',
    });
  });

  it('is withdrawn in one click', async () => {
    const { backend, card } = await opened(answer({ pin: set }));
    backend.on(PIN, { ok: true, pin: null });
    card.findByTestId(Button, 'unpin').trigger('onClick');
    await card.waitFor(() => {
      expect(card.maybeFindByTestId(Text, 'pinned')).toBeNull();
    });
    expect(backend.calls.find((call) => call.path === PIN)?.body).toMatchObject({ kind: 'none' });
  });

  it('says what was wrong and keeps what was typed', async () => {
    const { backend, card } = await opened(answer());
    backend.on(PIN, failure('bad_input', 'Reason: say why in 3 to 120 characters.'));
    card.findByTestId(Button, 'set-by-hand').trigger('onClick');
    card.findByTestId(Button, 'send-pin').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Text, 'pin-problem').text).toContain('Reason: say why');
    });
    expect(card.findByTestId(TextArea, 'pin-reason')).toBeTruthy();
  });
});

describe('since this rep last looked', () => {
  const since = '2026-11-24T09:00:00Z';

  it('says how far the score moved and by what, instead of the general trend', async () => {
    const changes = [{ text: 'Replied on 26 Nov', points: 9 }];
    const { card } = await opened(answer({ since_look: { points: 9, since, changes } }));
    expect(card.findByTestId(Text, 'since-look').text).toBe(
      'Since you looked on 24 Nov: up 9, replied on 26 Nov',
    );
    expect(card.maybeFindByTestId(Text, 'trend')).toBeNull();
  });

  it('says so where nothing is new, and nothing at all on a first visit', async () => {
    const { card } = await opened(answer({ since_look: { points: 0, since, changes: [] } }));
    expect(card.findByTestId(Text, 'since-look').text).toBe('Nothing new since you looked on 24 Nov.');
    const first = await opened(answer());
    expect(first.card.maybeFindByTestId(Text, 'since-look')).toBeNull();
  });
});

describe('two sentences to begin with', () => {
  const opener = 'Thank you for your message of 20 Nov. What would help you most at the moment?';

  it('are shown to copy, and are not there where nobody is to be written to', async () => {
    const { card } = await opened(answer({ opener }));
    expect(card.findByTestId(Text, 'opener').text).toBe(opener);
    card.findByTestId(Button, 'copy-opener').trigger('onClick');
    await card.waitFor(() => {
      expect(card.findByTestId(Button, 'copy-opener').text).toBe('Copied');
    });
    expect(card.mocks.actions.copyTextToClipboard.calls[0]).toEqual([opener]);
    const none = await opened(answer());
    expect(none.card.maybeFindByTestId(Text, 'opener')).toBeNull();
  });
});

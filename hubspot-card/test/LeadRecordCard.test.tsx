import { EmptyState, ErrorState, ScoreCircle, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import { afterEach, expect, it, vi } from 'vitest';
import { LeadRecordCard } from '../src/app/cards/LeadRecordCard';
import { answer, Backend, failure, renderer, status } from './backend';

afterEach(() => {
  vi.restoreAllMocks();
});

function open(...answers: unknown[]) {
  new Backend().on('/card/lead-record', ...answers);
  const card = renderer('crm.record.sidebar');
  card.render(<LeadRecordCard />);
  return card;
}

const record = (state: string, reason = '') => ({ ...(answer() as object), state, reason });

it('shows the score of the contact, what to do and why', async () => {
  const card = open(record('open'));
  await card.waitFor(() => {
    expect(card.find(ScoreCircle).props.score).toBe(86);
  });
  expect(card.findByTestId(Text, 'next').text).toBe('Next: Call');
  expect(card.findByTestId(Text, 'sum').text).toContain('= 86');
  expect(card.find(CrmActionLink).props.actionContext).toMatchObject({ objectTypeId: '0-1' });
});

it.each([
  ['disqualified', 'No budget', 'Disqualified (No budget): nothing to do.'],
  ['disqualified', '', 'Disqualified: nothing to do.'],
  ['qualified', '', 'Qualified: this lead is done, its work goes on with the deal.'],
])('%s (%s) calls for no action', async (state, reason, said) => {
  const card = open(record(state, reason));
  await card.waitFor(() => {
    expect(card.findByTestId(Text, 'closed').text).toBe(said);
  });
  expect(card.maybeFindByTestId(Text, 'next')).toBeNull();
});

it('tells a lead without a score from an outage and a disconnected account', async () => {
  const none = open(failure('not_scored', 'Nobody here.'));
  await none.waitFor(() => {
    expect(none.find(EmptyState).props.title).toBe('No score yet');
  });
  const broken = open(status(502));
  await broken.waitFor(() => {
    expect(broken.find(ErrorState)).toBeTruthy();
  });
  const gone = open(failure('disconnected'));
  await gone.waitFor(() => {
    expect(gone.find(ErrorState).props.type).toBe('lock');
  });
});

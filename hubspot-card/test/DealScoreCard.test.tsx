import { EmptyState, ErrorState, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import { afterEach, expect, it, vi } from 'vitest';
import { DealScoreCard } from '../src/app/cards/DealScoreCard';
import { Backend, failure, renderer, status } from './backend';

afterEach(() => {
  vi.restoreAllMocks();
});

const DEAL = {
  deal_id: '9',
  created_at: '2026-10-03T09:00:00Z',
  leads: [
    { contact_id: '55', name: 'Mei Eastlake', then: 72, now: 88 },
    { contact_id: '56', name: 'Ada Byron', then: 64, now: null },
    { contact_id: '57', name: 'Jo Nye', then: null, now: 50 },
  ],
  further: 2,
  mode: 'live',
};

function open(...answers: unknown[]) {
  new Backend().on('/card/deal', ...answers);
  const card = renderer('crm.record.sidebar');
  card.render(<DealScoreCard />);
  return card;
}

it('shows the score of each contact when the deal was created, and now', async () => {
  const card = open({ ok: true, deal: DEAL });
  await card.waitFor(() => {
    expect(card.findAll(CrmActionLink)).toHaveLength(3);
  });
  const said = card.findAll(Text).map((node) => node.text);
  expect(said).toContain('Scores when the deal was created (3 Oct), and now');
  expect(said).toContain('72 then, 88 now (+16)');
  expect(said).toContain('64 then; no lead any more');
  expect(said).toContain('No score then, 50 now');
  expect(said).toContain('and 2 more');
});

it('tells a deal without scores from an outage and a disconnected account', async () => {
  const none = open(failure('not_scored', 'Nobody here.'));
  await none.waitFor(() => {
    expect(none.find(EmptyState).props.title).toBe('No scores');
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

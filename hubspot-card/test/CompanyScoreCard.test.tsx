import { Button, EmptyState, ErrorState, ScoreCircle, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import { afterEach, expect, it, vi } from 'vitest';
import type { Account, AccountLead } from '../src/app/cards/api/types';
import { CompanyScoreCard } from '../src/app/cards/CompanyScoreCard';
import { Backend, failure, renderer, status } from './backend';

afterEach(() => {
  vi.restoreAllMocks();
});

function lead(given: Partial<AccountLead> = {}): AccountLead {
  return {
    contact_id: '55',
    name: 'Mei Eastlake',
    score: 81,
    fit_level: 'High',
    next_action: 'Call',
    department: 'operations',
    adds: 81,
    ...given,
  };
}

function account(given: Partial<Account> = {}): unknown {
  const made: Account = {
    company_id: '9',
    score: 85,
    fit_level: 'High',
    leads: [lead(), lead({ contact_id: '56', name: 'Ada Byron', score: 70, adds: 4 })],
    further: 0,
    absent: [{ department: 'finance', share: 0.24 }],
    mode: 'live',
    ...given,
  };
  return { ok: true, account: made };
}

function open(...answers: unknown[]) {
  const backend = new Backend().on('/card/company', ...answers);
  const card = renderer('crm.record.sidebar');
  card.render(<CompanyScoreCard />);
  return { backend, card };
}

it('shows a score that adds up, the leads ranked and who is missing', async () => {
  const { backend, card } = open(account());
  await card.waitFor(() => {
    expect(card.find(ScoreCircle).props.score).toBe(85);
  });
  expect(backend.calls).toHaveLength(1);
  const said = card.findAll(Text).map((node) => node.text);
  expect(said).toContain('Best lead 81, +4 for another engaged person');
  expect(said).toContain('Nobody in finance yet. 24 % of the contacts you won work there.');
  expect(said).toContain('Operations · Call · +4 for the company');
  expect(card.findAll(CrmActionLink).map((link) => link.text)).toEqual(['Mei Eastlake', 'Ada Byron']);
});

it('says so when the best lead is all there is', async () => {
  const { card } = open(account({ score: 81, leads: [lead()], absent: [], further: 3 }));
  await card.waitFor(() => {
    expect(card.findAll(Text).map((node) => node.text)).toContain(
      'The score of its best lead; nobody else is engaged yet',
    );
  });
  expect(card.findAll(Text).map((node) => node.text)).toContain('and 3 more');
});

it('tells a company without leads from an outage, which can be tried again', async () => {
  const { card } = open(failure('not_scored', 'Nobody here.'));
  await card.waitFor(() => {
    expect(card.find(EmptyState).props.title).toBe('No leads yet');
  });
  const broken = open(status(502), account());
  await broken.card.waitFor(() => {
    expect(broken.card.find(ErrorState)).toBeTruthy();
  });
  broken.card.findByTestId(Button, 'retry').trigger('onClick');
  await broken.card.waitFor(() => {
    expect(broken.card.maybeFind(ScoreCircle)).not.toBeNull();
  });
});

it('shows a disconnected account', async () => {
  const { card } = open(failure('disconnected'));
  await card.waitFor(() => {
    expect(card.find(ErrorState).props.type).toBe('lock');
  });
});

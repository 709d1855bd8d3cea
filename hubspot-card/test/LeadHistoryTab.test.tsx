import { Button, EmptyState, ErrorState, LineChart, Table, Tag, Text } from '@hubspot/ui-extensions';
import { CrmActionLink } from '@hubspot/ui-extensions/crm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { LeadHistoryTab } from '../src/app/cards/LeadHistoryTab';
import { Backend, failure, past, renderer, status } from './backend';

const HISTORY = '/card/history';

afterEach(() => {
  vi.restoreAllMocks();
});

function open(...answers: unknown[]) {
  const backend = new Backend().on(HISTORY, ...answers);
  const tab = renderer('crm.record.tab');
  tab.render(<LeadHistoryTab />);
  return { backend, tab };
}

describe('the history tab', () => {
  it('shows past scores, what would move it, neighbours and every factor from one request', async () => {
    const { backend, tab } = open({ ok: true, history: past() });
    await tab.waitFor(() => {
      expect(tab.findAll(Table)).toHaveLength(3);
    });
    expect(backend.calls).toHaveLength(1);
    expect((tab.find(LineChart).props.data as unknown[]).length).toBe(2);
    expect(tab.findAll(Tag)[0]?.text).toBe('+8');
    expect(tab.find(CrmActionLink).props.actionContext).toEqual({
      objectTypeId: '0-1',
      objectId: 55,
    });
    const all = tab.getRootNode().toString();
    expect(all).toContain('+9 Replied on 20 Nov');
    expect(all).toContain('Change in HubSpot');
    expect(all).toContain('First score');
  });

  it('says so when nothing would move the score and nobody is similar', async () => {
    const { tab } = open({ ok: true, history: past({ moves: [], neighbours: [] }) });
    await tab.waitFor(() => {
      expect(tab.findAll(Table)).toHaveLength(2);
    });
    const all = tab.findAll(Text).map((node) => node.text);
    expect(all.some((text) => text?.startsWith('Nothing that could'))).toBe(true);
    expect(all).toContain('No similar clients known yet.');
  });

  it('can be tried again after an outage', async () => {
    const { tab } = open(status(502), { ok: true, history: past() });
    await tab.waitFor(() => {
      expect(tab.find(ErrorState)).toBeTruthy();
    });
    tab.findByTestId(Button, 'retry').trigger('onClick');
    await tab.waitFor(() => {
      expect(tab.maybeFind(LineChart)).not.toBeNull();
    });
  });

  it.each([
    ['not_a_lead', 'Not scored: not a lead'],
    ['not_scored', 'Not scored yet'],
  ])('%s has a view of its own', async (code, title) => {
    const { tab } = open(failure(code));
    await tab.waitFor(() => {
      expect(tab.find(EmptyState).props.title).toBe(title);
    });
  });

  it('shows a disconnected account', async () => {
    const { tab } = open(failure('disconnected'));
    await tab.waitFor(() => {
      expect(tab.find(ErrorState).props.type).toBe('lock');
    });
  });
});

import { Button, EmptyState, ErrorState, hubspot, StatusTag, Text } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { MyLeads } from '../src/app/pages/MyLeads';

const LEAD = {
  contact_id: '12',
  name: 'Ada Byron',
  company: 'Cogwheel',
  score: 86,
  fit_level: 'High',
  next_action: 'Call',
  reason: 'replied on 26 Nov',
  change: 9,
  url: 'https://app.hubspot.com/contacts/1/record/0-1/12',
};
const LIST = { ok: true, is_owner: true, total: 60, items: [LEAD] };

afterEach(() => {
  vi.restoreAllMocks();
});

function open(...answers: { body: unknown; status?: number }[]) {
  const fetch = vi.spyOn(hubspot, 'fetch');
  for (const { body, status } of answers) {
    fetch.mockResolvedValueOnce(new Response(JSON.stringify(body), { status: status ?? 200 }));
  }
  const page = createRenderer('pages');
  (page.mocks.context as { variables?: Record<string, string> }).variables = {
    BACKEND_URL: 'https://backend.example.com',
  };
  page.render(<MyLeads />);
  return { page, fetch };
}

it('lists leads in the order to work them, each with its reason and its action', async () => {
  const { page, fetch } = open({ body: LIST });
  await page.waitFor(() => {
    expect(page.findByTestId(Text, 'total').text).toBe(
      '60 leads to call or write to; the first 1 are shown',
    );
  });
  expect(page.find(StatusTag).text).toBe('High 86, up 9 since yesterday');
  expect(page.findByTestId(Text, 'reason-12').text).toBe('Call: replied on 26 Nov');
  expect(fetch.mock.calls[0]?.[0]).toBe('https://backend.example.com/card/mine');
});

it('puts a lead aside in one click and reads the list again', async () => {
  const { page, fetch } = open({ body: LIST }, { body: { ok: true } }, { body: { ...LIST, total: 0, items: [] } });
  await page.waitFor(() => {
    expect(page.find(StatusTag)).toBeTruthy();
  });
  page.findByTestId(Button, 'done-12').trigger('onClick');
  await page.waitFor(() => {
    expect(page.findByTestId(EmptyState, 'nothing').props.title).toBe('Nothing to do');
  });
  expect(fetch.mock.calls[1]?.[1]).toMatchObject({
    method: 'POST',
    body: { contactId: '12', kind: 'done' },
  });
});

it('says that nothing was stored, and keeps the list', async () => {
  const { page } = open({ body: LIST }, { body: {}, status: 503 });
  await page.waitFor(() => {
    expect(page.find(StatusTag)).toBeTruthy();
  });
  page.findByTestId(Button, 'never-12').trigger('onClick');
  await page.waitFor(() => {
    expect(page.findByTestId(Text, 'failed').text).toContain('could not be stored');
  });
  expect(page.find(StatusTag)).toBeTruthy();
});

it('says why a lead cannot be put aside, and reads the list again', async () => {
  const gone = { ok: false, code: 'not_a_lead', message: 'This contact is no lead any more.' };
  const { page } = open({ body: LIST }, { body: gone }, { body: { ...LIST, total: 0, items: [] } });
  await page.waitFor(() => {
    expect(page.find(StatusTag)).toBeTruthy();
  });
  page.findByTestId(Button, 'done-12').trigger('onClick');
  await page.waitFor(() => {
    expect(page.findByTestId(EmptyState, 'nothing')).toBeTruthy();
  });
  expect(page.findByTestId(Text, 'failed').text).toBe('This contact is no lead any more.');
});

it('tells who owns nothing, and an account that is not connected', async () => {
  const nobody = open({ body: { ...LIST, is_owner: false, total: 0, items: [] } }).page;
  await nobody.waitFor(() => {
    expect(nobody.findByTestId(EmptyState, 'nothing').props.title).toBe('You own no records here');
  });
  vi.restoreAllMocks();
  const refused = open({ body: { ok: false, code: 'disconnected', message: 'Not connected.' } }).page;
  await refused.waitFor(() => {
    expect(refused.findByTestId(ErrorState, 'refused').props.title).toBe('This account is not connected');
  });
});

it('can be tried again after an outage', async () => {
  const { page } = open({ body: {}, status: 502 }, { body: LIST });
  await page.waitFor(() => {
    expect(page.findByTestId(ErrorState, 'broken')).toBeTruthy();
  });
  page.findByTestId(Button, 'retry').trigger('onClick');
  await page.waitFor(() => {
    expect(page.find(StatusTag)).toBeTruthy();
  });
});

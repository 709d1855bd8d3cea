import { Alert, Button, ErrorState, hubspot, Link, Text } from '@hubspot/ui-extensions';
import { createRenderer } from '@hubspot/ui-extensions/testing';
import { afterEach, expect, it, vi } from 'vitest';
import { SettingsPage } from '../src/app/settings/SettingsPage';

const CONNECTION = {
  portal_id: 4242001,
  name: 'Acme',
  mode: 'live',
  missing_scopes: ['automation'],
  leads: 1271,
  due: 0,
  last_scored: '2026-11-23T02:40:00Z',
  claim_url: '',
};

afterEach(() => {
  vi.restoreAllMocks();
});

function open(...answers: { body: unknown; status?: number }[]) {
  const fetch = vi.spyOn(hubspot, 'fetch');
  for (const { body, status } of answers) {
    fetch.mockResolvedValueOnce(new Response(JSON.stringify(body), { status: status ?? 200 }));
  }
  const page = createRenderer('settings');
  (page.mocks.context as { variables?: Record<string, string> }).variables = {
    BACKEND_URL: 'https://backend.example.com',
    CONSOLE_URL: 'https://console.example.com',
  };
  page.render(<SettingsPage />);
  return page;
}

it('shows the connection, what was not granted and the way to the console', async () => {
  const page = open({ body: { ok: true, connection: CONNECTION } });
  await page.waitFor(() => {
    expect(page.find(Link).props.href).toBe('https://console.example.com');
  });
  expect(page.find(Alert).text).toContain('automation');
  expect(page.findAll(Text).map((node) => node.text)).toContain(
    'Live: scores are written to contacts',
  );
});

it('leads whoever installed the app to becoming its first admin, until there is one', async () => {
  const claim_url = 'https://backend.example.com/oauth/claim';
  const page = open({ body: { ok: true, connection: { ...CONNECTION, claim_url } } });
  await page.waitFor(() => {
    expect(page.findAll(Link).map((link) => link.props.href)).toContain(claim_url);
  });
});

it('leads an account in preview on to its set-up', async () => {
  const connection = { ...CONNECTION, mode: 'shadow' };
  const page = open({ body: { ok: true, connection } });
  await page.waitFor(() => {
    expect(page.find(Link).props.href).toBe('https://console.example.com/start');
  });
});

it('tells a disconnected account from an outage, which can be tried again', async () => {
  const gone = { body: { ok: false, code: 'disconnected', message: 'Not connected.' } };
  const page = open(gone);
  await page.waitFor(() => {
    expect(page.find(ErrorState).props.type).toBe('lock');
  });
  const broken = open({ body: {}, status: 502 }, { body: { ok: true, connection: CONNECTION } });
  await broken.waitFor(() => {
    expect(broken.find(ErrorState).props.title).toBe('Leadlight cannot be reached');
  });
  broken.findByTestId(Button, 'retry').trigger('onClick');
  await broken.waitFor(() => {
    expect(broken.maybeFind(Link)).not.toBeNull();
  });
});

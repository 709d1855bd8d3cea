/* Draws cards as HubSpot's record page does: one worker per card, components drawn here. */
import { createRoot } from 'react-dom/client';
import { createRemoteReceiver, RemoteRenderer } from '@remote-ui/react/host';
import { createEndpoint, fromWebWorker, retain } from '@remote-ui/rpc';
import { Boundary, controller } from './controller';
import { enhance, onUpdate, refresh } from './page';
import type { Actions, Card, Context, Page } from './protocol';
import { throughProxy } from './proxy';
import { RecordContext, type RecordApi } from './record';
import { toast } from './toasts';

function recordApi(context: Context): RecordApi {
  const { id: portalId } = context.portal;
  return {
    alert: toast,
    addressOf: (contactId) => `/contacts/${encodeURIComponent(contactId)}?portal=${portalId}`,
    createTask: async (title) => {
      await fetch(`/sandbox/portals/${portalId}/tasks`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          properties: {
            hs_timestamp: new Date().toISOString(),
            hs_task_subject: title,
            hs_task_status: 'NOT_STARTED',
            hs_task_type: 'TODO',
          },
          associations: { contacts: [String(context.crm?.objectId)] },
        }),
      });
      toast({ type: 'success', message: 'Task created.' });
      await refresh();
    },
  };
}

function actionsFor(context: Context): Actions {
  return {
    addAlert: toast,
    reloadPage: () => location.reload(),
    refreshObjectProperties: () => void refresh(),
    fetchCrmObjectProperties: async () => {
      const url = `/sandbox/portals/${context.portal.id}/contacts/${context.crm?.objectId}`;
      const answer = await fetch(url);
      return ((await answer.json()) as { properties: Record<string, string> }).properties;
    },
    onCrmPropertiesUpdate: (_names, callback) => {
      retain(callback);
      onUpdate((properties) => void callback(properties));
    },
    openIframeModal: () => toast({ type: 'info', message: 'The stand-in opens no iframes.' }),
    closeOverlay: () => undefined,
    copyTextToClipboard: (text) => navigator.clipboard.writeText(text),
  };
}

function mount(slot: HTMLElement): void {
  const { bundle, context: given } = slot.dataset;
  if (bundle === undefined || given === undefined || slot.dataset['mounted'] !== undefined) {
    return;
  }
  slot.dataset['mounted'] = '';
  const context = JSON.parse(given) as Context;
  const receiver = createRemoteReceiver();
  const worker = new Worker('/sandbox/card/worker.js');
  const endpoint = createEndpoint<Card>(fromWebWorker(worker), { callable: ['render'] });
  const page: Page = {
    hsFetch: (url, options) => throughProxy(context.portal.id, url, options),
    log: (level, message) => {
      const write = level === 'error' ? console.error : level === 'warn' ? console.info : console.debug;
      write(`[card] ${message}`);
    },
  };
  endpoint.expose(page);
  worker.addEventListener('error', (event) => {
    slot.textContent = `The card failed: ${event.message}`;
  });
  createRoot(slot).render(
    <Boundary>
      <RecordContext.Provider value={recordApi(context)}>
        <RemoteRenderer receiver={receiver} controller={controller()} />
      </RecordContext.Provider>
    </Boundary>,
  );
  endpoint.call
    .render(new URL(bundle, location.href).href, receiver.receive, context, actionsFor(context))
    ?.catch((error: unknown) => {
      slot.textContent = `The card failed: ${String(error)}`;
    });
}

function tabs(): void {
  const all = [...document.querySelectorAll<HTMLButtonElement>('[role="tab"]')];
  const select = (chosen: HTMLButtonElement) => {
    for (const tab of all) {
      const isChosen = tab === chosen;
      tab.setAttribute('aria-selected', String(isChosen));
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute('aria-controls') ?? '');
      panel?.toggleAttribute('hidden', !isChosen);
      if (isChosen) {
        panel?.querySelectorAll<HTMLElement>('[data-bundle]').forEach(mount);
      }
    }
  };
  for (const [place, tab] of all.entries()) {
    tab.addEventListener('click', () => select(tab));
    tab.addEventListener('keydown', (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
      const next = step === undefined ? undefined : all.at((place + step) % all.length);
      if (next !== undefined) {
        next.focus();
        select(next);
      }
    });
  }
}

enhance();
tabs();
for (const slot of document.querySelectorAll<HTMLElement>('[data-bundle]')) {
  if (slot.closest('[hidden]') === null) {
    mount(slot);
  }
}

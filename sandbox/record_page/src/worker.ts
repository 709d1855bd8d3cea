/* Runs an unmodified card bundle as HubSpot's worker does: globals first, then the bundle. */
import * as RemoteUI from '@remote-ui/react';
import { createRemoteRoot } from '@remote-ui/core';
import { createEndpoint, retain } from '@remote-ui/rpc';
import * as React from 'react';
import type { Actions, Card, Context, FetchOptions, Page } from './protocol';

type Extend = (api: { context: Context; actions: Actions }) => React.ReactElement;

declare function importScripts(...urls: string[]): void;

const page = createEndpoint<Page>(self as unknown as Worker, { callable: ['hsFetch', 'log'] });
const scope = self as unknown as Record<string, unknown>;
const api: { context?: Context; actions?: Actions } = {};
let extension: Extend | undefined;

const log = (level: string) => (message: unknown) => void page.call.log(level, String(message));

async function hsFetch(url: string, options: FetchOptions = {}): Promise<Response> {
  const { status, body } = await page.call.hsFetch(String(url), options);
  return new Response(status === 204 ? null : body, {
    status,
    headers: { 'content-type': 'application/json' },
  });
}

function unavailable(name: string) {
  return () => {
    throw new Error(`${name} is not available to UI extensions`);
  };
}

Object.assign(scope, {
  React,
  RemoteUI,
  __HUBSPOT_EXTENSION_WORKER__: true,
  extend_V2: (callback: Extend) => {
    extension = callback;
  },
  logger: { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') },
  hsFetch,
  serverless: unavailable('serverless'),
  hsWorkerAPI: {
    useExtensionContext: () => api.context,
    useExtensionActions: () => api.actions,
    useExtensionApi: () => api,
    useAppPageLocation: unavailable('useAppPageLocation'),
    fetchCrmSearch: unavailable('fetchCrmSearch'),
    fetchCrmProperties: unavailable('fetchCrmProperties'),
    fetchAssociations: unavailable('fetchAssociations'),
    fetchHubSpotApi: unavailable('fetchHubSpotApi'),
    formatCrmProperties: unavailable('formatCrmProperties'),
  },
});

const card: Card = {
  render(bundle, channel, context, actions) {
    retain(channel);
    retain(actions);
    api.context = context;
    api.actions = actions;
    importScripts(bundle);
    if (extension === undefined) {
      throw new Error(`${bundle} did not call hubspot.extend`);
    }
    // HubSpot gives cards no network of their own.
    scope['fetch'] = unavailable('fetch');
    scope['XMLHttpRequest'] = unavailable('XMLHttpRequest');
    const root = createRemoteRoot(channel, { strict: false });
    RemoteUI.createRoot(root).render(extension({ context, actions }));
    void root.mount();
  },
};
page.expose(card);

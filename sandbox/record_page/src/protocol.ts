import type { RemoteChannel } from '@remote-ui/core';

/** What crosses the wall between the page and the worker. */

export type FetchOptions = {
  method?: string;
  timeout?: number;
  body?: Record<string, unknown>;
  headers?: Record<string, string>;
};

export type FetchAnswer = { status: number; body: string };

export type Context = {
  location: string;
  crm?: { objectId: number; objectTypeId: string };
  portal: { id: number; timezone: string };
  user: { id: number; email: string; firstName: string; lastName: string };
  variables: Record<string, string>;
  [key: string]: unknown;
};

export type Alert = { type?: string; title?: string; message: string };

export type Actions = {
  addAlert: (alert: Alert) => void;
  reloadPage: () => void;
  refreshObjectProperties: () => void;
  fetchCrmObjectProperties: (names: string[] | '*') => Promise<Record<string, string>>;
  onCrmPropertiesUpdate: (
    names: string[] | '*',
    callback: (properties: Record<string, string>) => void,
  ) => void;
  openIframeModal: () => void;
  closeOverlay: (id: string) => void;
  copyTextToClipboard: (text: string) => Promise<void>;
};

/** Served by the worker. */
export type Card = {
  render: (bundle: string, channel: RemoteChannel, context: Context, actions: Actions) => void;
};

/** Served by the page. */
export type Page = {
  hsFetch: (url: string, options: FetchOptions) => Promise<FetchAnswer>;
  log: (level: string, message: string) => void;
};

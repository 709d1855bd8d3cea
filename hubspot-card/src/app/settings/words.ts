import type { Connection } from './types';

/** Every word of the settings page. */
export const words = {
  loading: 'Reading the connection',
  heading: 'AI lead scoring',
  retry: 'Try again',
  openConsole: 'Open the console: profile, model, thresholds, users',
  goOn: 'Go on with the set-up in the console',
  broken: {
    title: 'Leadlight cannot be reached',
    text: 'The state of the connection is unknown at the moment. Try again in a minute.',
  },
  disconnected: {
    title: 'This account is not connected',
    text: 'Ask for a new invitation and install the app again.',
  },
  missing: {
    title: 'Not all permissions were granted',
    text: 'What depends on them is switched off. Install the app again to grant:',
  },
  claim: {
    title: 'Nobody manages Leadlight for this account yet',
    text: 'If you installed the app, confirm it is you and choose a password.',
    link: 'Become the first admin',
  },
  labels: {
    account: 'Account',
    mode: 'Mode',
    leads: 'Leads',
    due: 'Waiting to be scored',
    lastScored: 'Last scored',
  },
  never: 'never',
};

export const modeWords: Record<Connection['mode'], string> = {
  shadow: 'Preview: scores are shown in the console and card, nothing is written to HubSpot',
  live: 'Live: scores are written to contacts',
  paused: 'Paused: nothing is scored',
};

export function when(iso: string | null, timezone: string): string {
  if (iso === null) {
    return words.never;
  }
  const options = { dateStyle: 'medium', timeStyle: 'short' } as const;
  const at = new Date(iso);
  try {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: timezone }).format(at);
  } catch {
    return new Intl.DateTimeFormat('en-GB', { ...options, timeZone: 'UTC' }).format(at);
  }
}

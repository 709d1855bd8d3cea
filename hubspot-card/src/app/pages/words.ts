import type { ToDo } from './types';

/** Every word of the page, apart from names and reasons. */
export const words = {
  title: 'My leads',
  loading: 'Reading your leads',
  retry: 'Try again',
  broken: {
    title: 'Your leads cannot be read',
    text: 'Leadlight cannot be reached at the moment. Nothing is lost; try again in a minute.',
  },
  refused: 'This account is not connected',
  nobody: {
    title: 'You own no records here',
    text: 'Your address is not that of an owner in HubSpot, so no lead is yours.',
  },
  nothing: {
    title: 'Nothing to do',
    text: 'No lead of yours waits for a call or an email.',
  },
  order: 'Leads that changed since yesterday come first, then the higher band and chance.',
  done: 'Done',
  snooze: 'Snooze for 7 days',
  notALead: 'Not a lead',
  open: 'Open',
  failed: 'That could not be stored. Try again.',
};

export function counted(total: number, shown: number): string {
  const leads = total === 1 ? '1 lead' : `${total} leads`;
  return `${leads} to call or write to${total > shown ? `; the first ${shown} are shown` : ''}`;
}

/** "High 86, up 9 since yesterday" */
export function standing({ fit_level: band, score, change }: ToDo): string {
  if (change === null) {
    return `${band} ${score}, new`;
  }
  const moved = change > 0 ? `, up ${change}` : `, down ${-change}`;
  return `${band} ${score}${change === 0 ? '' : `${moved} since yesterday`}`;
}

export function who({ name, company }: ToDo): string {
  return company === '' ? name : `${name}, ${company}`;
}

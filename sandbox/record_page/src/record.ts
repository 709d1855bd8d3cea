import { createContext } from 'react';
import type { Alert } from './protocol';

/** What components can do to the record they stand on. */
export type RecordApi = {
  alert: (alert: Alert) => void;
  createTask: (title: string) => Promise<void>;
  addressOf: (contactId: string) => string;
};

export const RecordContext = createContext<RecordApi>({
  alert: () => undefined,
  createTask: () => Promise.resolve(),
  addressOf: () => '#',
});

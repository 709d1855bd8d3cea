import { useMemo } from 'react';
import { useExtensionContext } from '@hubspot/ui-extensions';
import { backendAt, type Backend } from '../api/client';

export type Here = {
  backend: Backend;
  objectId: string;
  timezone: string;
};

/** Where this card stands: its backend (a profile variable), its record and the portal's clock. */
export function useHere(): Here {
  const context = useExtensionContext<'crm.record.sidebar' | 'crm.record.tab'>();
  const baseUrl = String(context.variables?.['BACKEND_URL'] ?? '');
  const backend = useMemo(() => backendAt(baseUrl), [baseUrl]);
  return {
    backend,
    objectId: String(context.crm.objectId),
    timezone: context.portal.timezone,
  };
}

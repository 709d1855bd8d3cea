import { Alert, Text } from '@hubspot/ui-extensions';
import type { Lead } from '../api/types';
import { notices, words } from '../words';

/** What a rep must know before believing the number. */
export function Flags({ lead, stale }: { lead: Lead; stale: boolean }) {
  return (
    <>
      {stale && (
        <Alert title={words.stale.title} variant="warning" testId="stale">
          {words.stale.text}
        </Alert>
      )}
      {notices(lead.flags).map(({ flag, title, text, tone }) => (
        <Alert key={flag} title={title} variant={tone} testId={`flag-${flag}`}>
          {text}
        </Alert>
      ))}
      {lead.mode === 'shadow' && (
        <Text variant="microcopy" testId="mode">
          {words.shadow}
        </Text>
      )}
      {lead.mode === 'paused' && (
        <Text variant="microcopy" testId="mode">
          {words.paused}
        </Text>
      )}
    </>
  );
}

import { Alert, Text } from '@hubspot/ui-extensions';
import type { Lead } from '../api/types';
import { flagWords, incomplete, words } from '../words';

/** What a rep must know before believing the number. */
export function Flags({ lead, stale }: { lead: Lead; stale: boolean }) {
  const missing = incomplete(lead);
  return (
    <>
      {missing && (
        <Alert title={missing.title} variant="info" testId="incomplete">
          {missing.text}
        </Alert>
      )}
      {stale && (
        <Alert title={words.stale.title} variant="warning" testId="stale">
          {words.stale.text}
        </Alert>
      )}
      {lead.flags.map((flag) => {
        const said = flagWords(flag);
        return (
          said && (
            <Alert key={flag} title={said.title} variant={said.variant} testId={`flag-${flag}`}>
              {said.text}
            </Alert>
          )
        );
      })}
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

import { Accordion, Alert, Divider, Flex, Text } from '@hubspot/ui-extensions';
import type { ReactNode } from 'react';
import type { Lead } from '../api/types';
import type { TaskHook } from '../hooks/useTask';
import type { PinHook } from '../hooks/usePin';
import { allFactors, scoredBy, similarTitle, words } from '../words';
import { FactorTable } from './FactorTable';
import { Flags } from './Flags';
import { Headline } from './Headline';
import { MissingLine } from './MissingLine';
import { Next } from './Next';
import { Opener } from './Opener';
import { Pin } from './Pin';
import { QuoteLine } from './QuoteLine';
import { SimilarLine, SimilarList } from './Similar';
import { Why } from './Why';

type Props = {
  lead: Lead;
  stale: boolean;
  timezone: string;
  task: TaskHook;
  pin: PinHook;
  /** Rescore and feedback, which belong to the card and not to the lead. */
  actions: ReactNode;
  progress: ReactNode;
};

/** What a rep takes in, top to bottom; the rest is behind accordions. */
export function Scored({ lead, stale, timezone, task, pin, actions, progress }: Props) {
  const littleKnown = lead.flags.includes('little_known');
  return (
    <Flex direction="column" gap="small" testId="scored">
      <Flags lead={lead} stale={stale} />
      {littleKnown && (
        <Alert title={words.notEnough.title} variant="info" testId="not-enough">
          {words.notEnough.text}
        </Alert>
      )}
      <Headline lead={lead} timezone={timezone} />
      {progress}
      {lead.rescoring && (
        <Text variant="microcopy" testId="updating">
          {words.updating}
        </Text>
      )}
      <Next lead={lead} timezone={timezone} task={task} />
      {lead.quote !== null && <QuoteLine quote={lead.quote} />}
      {lead.opener !== '' && <Opener key={lead.opener} text={lead.opener} />}
      <Why lead={lead} />
      <MissingLine missing={lead.missing} />
      {lead.neighbours.length > 0 && <SimilarLine neighbours={lead.neighbours} />}
      <Flex direction="column" gap="flush">
        <Accordion title={allFactors(lead.factors.length)} size="sm">
          <FactorTable factors={lead.factors} />
        </Accordion>
        {lead.neighbours.length > 0 && (
          <Accordion title={similarTitle(lead.neighbours.length)} size="sm">
            <SimilarList neighbours={lead.neighbours} />
          </Accordion>
        )}
        <Accordion title={words.inWords} size="sm">
          <Text testId="reasoning">{lead.reasoning}</Text>
        </Accordion>
      </Flex>
      <Divider />
      <Pin pin={lead.pin} timezone={timezone} hook={pin} />
      {actions}
      <Text variant="microcopy" testId="scored-by">
        {scoredBy(lead, timezone)}
      </Text>
    </Flex>
  );
}

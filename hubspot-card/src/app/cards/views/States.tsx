import { Button, EmptyState, ErrorState, Flex, LoadingSpinner, Text } from '@hubspot/ui-extensions';
import type { Problem } from '../api/client';
import type { Failure } from '../api/types';
import { words } from '../words';

export function Loading({ label }: { label: string }) {
  return <LoadingSpinner label={label} showLabel layout="centered" testId="loading" />;
}

/** The backend gave no answer that could be shown. */
export function Broken({ problem, onRetry }: { problem: Problem; onRetry: () => void }) {
  const said = words.problems[problem];
  return (
    <ErrorState
      title={said.title}
      type={problem === 'no_permission' ? 'lock' : 'error'}
      testId={`problem-${problem}`}
    >
      <Text>{said.text}</Text>
      <Button variant="secondary" onClick={onRetry} testId="retry">
        {problem === 'unknown_contact' ? words.checkAgain : words.retry}
      </Button>
    </ErrorState>
  );
}

export function Disconnected({ message }: { message: string }) {
  return (
    <ErrorState title={words.disconnected.title} type="lock" testId="disconnected">
      <Text>{message}</Text>
      <Text>{words.disconnected.text}</Text>
    </ErrorState>
  );
}

export function NotALead({ reason }: { reason: string }) {
  return (
    <EmptyState
      title={words.notALead.title}
      layout="vertical"
      imageName="contacts"
      flush
      testId="not-a-lead"
    >
      <Text>{reason}</Text>
    </EmptyState>
  );
}

export function Scoring() {
  return (
    <Flex direction="column" gap="small" align="center" testId="scoring">
      <LoadingSpinner label={words.scoring.title} showLabel layout="centered" />
      <Text variant="microcopy">{words.scoring.text}</Text>
    </Flex>
  );
}

/** No score yet, or none possible: what to do about it is `children`. */
export function NotScored({
  failure,
  children,
}: {
  failure: Failure;
  children?: React.ReactNode;
}) {
  const said = failure.code === 'parked' ? words.parked : words.notScored;
  return (
    <EmptyState title={said.title} layout="vertical" imageName="target" flush testId="not-scored">
      <Text>{said.text}</Text>
      {children}
    </EmptyState>
  );
}

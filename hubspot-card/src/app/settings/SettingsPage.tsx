import { useCallback, useEffect, useState } from 'react';
import {
  Alert,
  Button,
  DescriptionList,
  DescriptionListItem,
  ErrorState,
  Flex,
  Heading,
  hubspot,
  Link,
  LoadingSpinner,
  logger,
  Text,
  useExtensionContext,
} from '@hubspot/ui-extensions';
import { ConnectionAnswer, Failure, type Connection } from './types';
import { modeWords, when, words } from './words';

hubspot.extend<'settings'>(() => <SettingsPage />);

const TIMEOUT_MS = 10_000;

type State =
  | { status: 'loading' }
  | { status: 'connected'; connection: Connection }
  | { status: 'disconnected'; message: string }
  | { status: 'broken' };

/** State of the connection, the mode, and the way to the console where things are changed. */
export function SettingsPage() {
  const context = useExtensionContext<'settings'>();
  const backendUrl = String(context.variables?.['BACKEND_URL'] ?? '');
  const consoleUrl = String(context.variables?.['CONSOLE_URL'] ?? '');
  const [state, setState] = useState<State>({ status: 'loading' });

  const load = useCallback(() => {
    setState({ status: 'loading' });
    void read(`${backendUrl}/card/connection`).then(setState);
  }, [backendUrl]);
  useEffect(load, [load]);

  switch (state.status) {
    case 'loading':
      return <LoadingSpinner label={words.loading} showLabel layout="centered" />;
    case 'broken':
      return (
        <ErrorState title={words.broken.title} testId="broken">
          <Text>{words.broken.text}</Text>
          <Button variant="secondary" onClick={load} testId="retry">
            {words.retry}
          </Button>
        </ErrorState>
      );
    case 'disconnected':
      return (
        <ErrorState title={words.disconnected.title} type="lock" testId="disconnected">
          <Text>{state.message}</Text>
          <Text>{words.disconnected.text}</Text>
        </ErrorState>
      );
    case 'connected':
      return (
        <Connected
          connection={state.connection}
          consoleUrl={consoleUrl}
          timezone={context.portal.timezone}
        />
      );
  }
}

type ConnectedProps = { connection: Connection; consoleUrl: string; timezone: string };

function Connected({ connection, consoleUrl, timezone }: ConnectedProps) {
  const { missing_scopes: missing } = connection;
  return (
    <Flex direction="column" gap="medium" testId="connected">
      <Heading>{words.heading}</Heading>
      {missing.length > 0 && (
        <Alert title={words.missing.title} variant="warning" testId="missing-scopes">
          {words.missing.text} {missing.join(', ')}
        </Alert>
      )}
      <DescriptionList direction="row">
        <DescriptionListItem label={words.labels.account}>
          <Text>{connection.name || String(connection.portal_id)}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={words.labels.mode}>
          <Text>{modeWords[connection.mode]}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={words.labels.leads}>
          <Text>{String(connection.leads)}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={words.labels.due}>
          <Text>{String(connection.due)}</Text>
        </DescriptionListItem>
        <DescriptionListItem label={words.labels.lastScored}>
          <Text>{when(connection.last_scored, timezone)}</Text>
        </DescriptionListItem>
      </DescriptionList>
      {connection.claim_url !== '' && (
        <Alert title={words.claim.title} testId="claim">
          {words.claim.text} <Link href={connection.claim_url}>{words.claim.link}</Link>
        </Alert>
      )}
      {consoleUrl !== '' &&
        (connection.mode === 'shadow' ? (
          <Link href={new URL('start', `${consoleUrl}/`).href}>{words.goOn}</Link>
        ) : (
          <Link href={consoleUrl}>{words.openConsole}</Link>
        ))}
    </Flex>
  );
}

async function read(url: string): Promise<State> {
  try {
    const response = await hubspot.fetch(url, { timeout: TIMEOUT_MS });
    const answer: unknown = response.ok ? await response.json() : null;
    const found = ConnectionAnswer.safeParse(answer);
    if (found.success) {
      return { status: 'connected', connection: found.data.connection };
    }
    const failure = Failure.safeParse(answer);
    return failure.success
      ? { status: 'disconnected', message: failure.data.message }
      : { status: 'broken' };
  } catch (error) {
    logger.warn(`backend cannot be reached: ${String(error)}`);
    return { status: 'broken' };
  }
}

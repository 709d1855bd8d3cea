import {
  Button,
  EmptyState,
  ErrorState,
  Flex,
  Inline,
  Link,
  LoadingSpinner,
  StatusTag,
  Text,
  Tile,
  useExtensionContext,
} from '@hubspot/ui-extensions';
import { PageTitle } from '@hubspot/ui-extensions/pages';
import type { PutAsideRequest, ToDo } from './types';
import { useMine, type Mine } from './useMine';
import { counted, standing, who, words } from './words';

const BAND = { High: 'success', Medium: 'warning', Low: 'default' } as const;

/** The leads of whoever looks, in the order to work them. */
export function MyLeads() {
  const context = useExtensionContext<'pages'>();
  const { mine, failed, load, putAside } = useMine(String(context.variables?.['BACKEND_URL'] ?? ''));
  return (
    <Flex direction="column" gap="small">
      <PageTitle>{words.title}</PageTitle>
      {failed !== '' && <Text testId="failed">{failed}</Text>}
      <Shown mine={mine} onRetry={load} onPut={putAside} />
    </Flex>
  );
}

type Put = (contactId: string, kind: PutAsideRequest['kind']) => void;

function Shown({ mine, onRetry, onPut }: { mine: Mine; onRetry: () => void; onPut: Put }) {
  switch (mine.status) {
    case 'loading':
      return <LoadingSpinner label={words.loading} showLabel layout="centered" />;
    case 'broken':
      return (
        <ErrorState title={words.broken.title} testId="broken">
          <Text>{words.broken.text}</Text>
          <Button variant="secondary" onClick={onRetry} testId="retry">
            {words.retry}
          </Button>
        </ErrorState>
      );
    case 'refused':
      return (
        <ErrorState title={words.refused} type="lock" testId="refused">
          <Text>{mine.message}</Text>
        </ErrorState>
      );
    case 'list':
      return <List mine={mine} onPut={onPut} />;
  }
}

function List({ mine, onPut }: { mine: Mine & { status: 'list' }; onPut: Put }) {
  const { isOwner, total, items } = mine;
  if (items.length === 0) {
    const told = isOwner ? words.nothing : words.nobody;
    return (
      <EmptyState title={told.title} testId="nothing">
        <Text>{told.text}</Text>
      </EmptyState>
    );
  }
  return (
    <Flex direction="column" gap="small">
      <Text testId="total">{counted(total, items.length)}</Text>
      <Text variant="microcopy">{words.order}</Text>
      {items.map((lead) => (
        <Lead key={lead.contact_id} lead={lead} onPut={onPut} />
      ))}
    </Flex>
  );
}

function Lead({ lead, onPut }: { lead: ToDo; onPut: Put }) {
  const put = (kind: PutAsideRequest['kind']) => () => onPut(lead.contact_id, kind);
  const id = lead.contact_id;
  return (
    <Tile compact testId={`lead-${id}`}>
      <Flex direction="column" gap="extra-small">
        <Inline gap="small" align="center">
          <StatusTag variant={BAND[lead.fit_level]}>{standing(lead)}</StatusTag>
          <Text format={{ fontWeight: 'demibold' }}>{who(lead)}</Text>
          <Link href={{ url: lead.url, external: true }}>{words.open}</Link>
        </Inline>
        <Text testId={`reason-${id}`}>
          {lead.next_action}: {lead.reason}
        </Text>
        <Inline gap="small">
          <Button size="sm" variant="secondary" onClick={put('done')} testId={`done-${id}`}>
            {words.done}
          </Button>
          <Button size="sm" variant="transparent" onClick={put('snoozed')} testId={`snooze-${id}`}>
            {words.snooze}
          </Button>
          <Button size="sm" variant="transparent" onClick={put('not_a_lead')} testId={`never-${id}`}>
            {words.notALead}
          </Button>
        </Inline>
      </Flex>
    </Tile>
  );
}

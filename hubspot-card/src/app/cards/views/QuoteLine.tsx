import { Flex, Link, Text } from '@hubspot/ui-extensions';
import type { Quote } from '../api/types';
import { quotedFrom, words } from '../words';

/** What the lead wrote, marked as a quote, and the way to where it stands. */
export function QuoteLine({ quote }: { quote: Quote }) {
  return (
    <Flex direction="column" gap="flush" testId="quote">
      <Text format={{ italic: true }}>“{quote.text}”</Text>
      <Text variant="microcopy">{quotedFrom(quote)}</Text>
      <Link href={quote.url}>{words.openInHubSpot}</Link>
    </Flex>
  );
}

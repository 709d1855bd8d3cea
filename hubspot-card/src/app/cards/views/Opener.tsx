import { useState } from 'react';
import { Button, Flex, Inline, Text, useExtensionActions } from '@hubspot/ui-extensions';
import { words } from '../words';

/** Two sentences to begin with. They are copied by hand and sent by nobody but the rep. */
export function Opener({ text }: { text: string }) {
  const actions = useExtensionActions<'crm.record.sidebar'>();
  const [copied, setCopied] = useState(false);
  const copy = () => void actions.copyTextToClipboard(text).then(() => setCopied(true));
  return (
    <Flex direction="column" gap="flush">
      <Text format={{ fontWeight: 'demibold' }}>{words.opener.title}</Text>
      <Text testId="opener">{text}</Text>
      <Inline gap="small" align="center">
        <Button size="sm" variant="transparent" onClick={copy} testId="copy-opener">
          {copied ? words.opener.copied : words.opener.copy}
        </Button>
      </Inline>
    </Flex>
  );
}

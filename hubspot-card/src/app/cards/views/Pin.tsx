import { useState } from 'react';
import { Button, Flex, Inline, Select, Text, TextArea } from '@hubspot/ui-extensions';
import type { Lead, PinRequest } from '../api/types';
import type { PinHook } from '../hooks/usePin';
import { pinned, words } from '../words';

type Props = { pin: Lead['pin']; timezone: string; hook: PinHook };
type Kind = Exclude<PinRequest['kind'], 'none'>;

/** What is set by hand, with one click to withdraw it; else the way to set it. */
export function Pin({ pin, timezone, hook }: Props) {
  const [asking, setAsking] = useState(false);
  if (pin !== null) {
    return (
      <Inline gap="small" align="center">
        <Text testId="pinned">{pinned(pin, timezone)}</Text>
        <Button
          size="sm"
          variant="transparent"
          disabled={hook.sending}
          onClick={() => {
            setAsking(false);
            hook.send('none', 1, '');
          }}
          testId="unpin"
        >
          {words.pin.withdraw}
        </Button>
        <Problem hook={hook} />
      </Inline>
    );
  }
  if (!asking) {
    return (
      <Flex direction="column" gap="flush">
        <Inline>
          <Button size="sm" variant="transparent" onClick={() => setAsking(true)} testId="set-by-hand">
            {words.pin.open}
          </Button>
        </Inline>
        <Problem hook={hook} />
      </Flex>
    );
  }
  return <PinForm hook={hook} onCancel={() => setAsking(false)} />;
}

function PinForm({ hook, onCancel }: { hook: PinHook; onCancel: () => void }) {
  const [kind, setKind] = useState<Kind>('high');
  const [days, setDays] = useState('14');
  const [reason, setReason] = useState('');
  return (
    <Flex direction="column" gap="extra-small">
      <Select
        label={words.pin.what}
        name="kind"
        options={words.pin.kinds}
        value={kind}
        onChange={(value) => setKind(value as Kind)}
        testId="pin-kind"
      />
      <Select
        label={words.pin.howLong}
        name="days"
        options={words.pin.days}
        value={days}
        onChange={(value) => setDays(String(value))}
        testId="pin-days"
      />
      <TextArea
        label={words.pin.why}
        description={words.pin.whyFor}
        name="reason"
        value={reason}
        maxLength={120}
        onChange={setReason}
        testId="pin-reason"
      />
      <Inline gap="small">
        <Button
          size="sm"
          variant="secondary"
          disabled={hook.sending}
          onClick={() => hook.send(kind, Number(days), reason)}
          testId="send-pin"
        >
          {words.pin.set}
        </Button>
        <Button size="sm" variant="transparent" onClick={onCancel}>
          {words.cancel}
        </Button>
      </Inline>
      <Problem hook={hook} />
    </Flex>
  );
}

function Problem({ hook }: { hook: PinHook }) {
  return hook.problem === '' ? null : <Text testId="pin-problem">{hook.problem}</Text>;
}
